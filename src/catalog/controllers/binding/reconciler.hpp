// Brings one ServiceBinding towards what its spec asks for: bind, write the Secret, unbind, orphan
// mitigation, polling. Built as the instance's reconciler is (instance/reconciler.hpp). Deleting removes the
// Secret first, then the credentials.
#pragma once

#include <set>

#include "catalog/controllers/context.hpp"
#include "catalog/controllers/gather.hpp"
#include "catalog/controllers/poll_schedule.hpp"
#include "catalog/controllers/writes.hpp"
#include "catalog/policies/binding_phase.hpp"
#include "catalog/policies/binding_status.hpp"
#include "runtime/controller.hpp"

namespace catalog {

class BindingReconciler final : public runtime::Reconciler {
 public:
  explicit BindingReconciler(Context& context);

  [[nodiscard]] async::Task<core::Result<runtime::Next>> reconcile(kube::ObjectKey key) override;
  // See InstanceReconciler::hurry.
  void hurry(const kube::ObjectKey& key) { in_a_hurry_.insert(key); }

 private:
  using Outcome = core::Result<runtime::Next>;

  // bind.cpp
  [[nodiscard]] async::Task<Outcome> bind(Object binding);
  [[nodiscard]] async::Task<Outcome> send_bind(Object binding, Object instance, ClassAndPlan resolved,
                                               std::shared_ptr<BrokerSession> session,
                                               json::object parameters);
  // inject.cpp: from credentials to the Secret
  [[nodiscard]] async::Task<Outcome> inject(Object binding, json::object credentials);
  [[nodiscard]] async::Task<core::Result<>> write_secret(Object binding, json::object secret);
  // unbind.cpp
  [[nodiscard]] async::Task<Outcome> unbind(Object binding);
  [[nodiscard]] async::Task<core::Result<>> eject(Object binding);
  [[nodiscard]] async::Task<Outcome> finish_unbind(Object binding);
  // poll.cpp
  [[nodiscard]] async::Task<Outcome> poll(Object binding);
  [[nodiscard]] async::Task<Outcome> fetch_and_inject(Object binding, BrokerTarget target);

  [[nodiscard]] Object instance_of(const BindingView& binding) const;
  [[nodiscard]] async::Task<Outcome> block(Object binding, Problem problem);
  [[nodiscard]] async::Task<core::Result<Object>> write(Object binding, StatusChange change,
                                                        OnConflict on_conflict = OnConflict::reapply);
  [[nodiscard]] async::Task<Outcome> start_polling(Object binding, binding_status::Operation operation,
                                                   std::string operation_key);
  [[nodiscard]] async::Task<Outcome> fail(Object binding, binding_status::Failure failure);
  [[nodiscard]] Outcome after_retry_wait(const core::Result<Object>& written) const;
  [[nodiscard]] binding_status::Failure failure_of(const BindingView& binding, BrokerCall call,
                                                   const core::Error& error) const;
  [[nodiscard]] runtime::Informer& informer() const { return context_.stores.bindings(); }
  [[nodiscard]] core::SystemTime now() const { return context_.clock.system_now(); }

  Context& context_;
  PollSchedule polls_;
  std::set<kube::ObjectKey> in_a_hurry_;
};

}  // namespace catalog
