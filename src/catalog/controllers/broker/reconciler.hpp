// Keeps the classes and plans of one broker equal to its catalog. One object for each scope: cluster-wide and
// namespaced brokers go through the same code.
#pragma once

#include <span>
#include <vector>

#include "catalog/controllers/broker_clients.hpp"
#include "catalog/controllers/context.hpp"
#include "catalog/controllers/pending_requests.hpp"
#include "catalog/controllers/writes.hpp"
#include "catalog/policies/catalog_sync.hpp"
#include "runtime/controller.hpp"

namespace catalog {

class BrokerReconciler final : public runtime::Reconciler {
 public:
  BrokerReconciler(Context& context, const Scope& scope) : context_(context), scope_(scope) {}

  [[nodiscard]] async::Task<core::Result<runtime::Next>> reconcile(kube::ObjectKey key) override;
  // The catalog is fetched at the next reconcile, due or not: its Secret has changed.
  void fetch_now(const kube::ObjectKey& key) { requests_.add(key); }

 private:
  using Outcome = core::Result<runtime::Next>;

  // fetch.cpp
  [[nodiscard]] async::Task<Outcome> fetch(Object broker);
  [[nodiscard]] async::Task<std::expected<CatalogObjects, Problem>> read_catalog(Object broker);
  [[nodiscard]] async::Task<core::Result<>> sync(Object broker, CatalogObjects wanted);
  void forget_counts(const kube::ObjectKey& broker);
  // apply.cpp
  [[nodiscard]] async::Task<core::Result<>> apply(runtime::Informer& informer, std::string namespace_,
                                                  std::vector<CatalogChange> changes);
  [[nodiscard]] async::Task<core::Result<>> apply_one(runtime::Informer& informer, std::string namespace_,
                                                      const CatalogChange& change);
  // reconcile.cpp
  [[nodiscard]] async::Task<core::Result<>> remove_leftovers(Object broker);
  [[nodiscard]] async::Task<core::Result<std::string>> instances_to_go_first(Object broker);  // their names
  [[nodiscard]] async::Task<Outcome> finalize(Object broker);

  // Of the Secret of spec.authInfo, as the store has it; "" where there is none.
  [[nodiscard]] std::string auth_secret_version(const BrokerView& broker) const;
  [[nodiscard]] Stores::OfScope& stores() const { return context_.stores.of(scope_); }
  [[nodiscard]] std::vector<Object> owned(runtime::Informer& informer, const BrokerView& broker) const;
  // index: indexes::by_class or by_plan.
  [[nodiscard]] IsUsed used_by_instances(const char* index, std::string namespace_) const;
  [[nodiscard]] ObjectNames names_in(runtime::Informer& informer, const BrokerView& broker) const;

  Context& context_;
  const Scope& scope_;
  PendingRequests requests_;
};

}  // namespace catalog
