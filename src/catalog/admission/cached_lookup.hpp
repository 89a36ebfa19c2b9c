// A Lookup that keeps classes and plans in memory: what most admissions ask for, and what seldom changes.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "async/clock.hpp"
#include "catalog/admission/lookup.hpp"
#include "runtime/informer.hpp"

namespace catalog::admission {

// Answers from memory once it is synced. What it does not find it asks the API server for, so that a class
// is known as soon as it is there; what it finds may be a moment old, and fresh() is not.
class CachedLookup final : public Lookup {
 public:
  // The client and the clock outlive the lookup.
  CachedLookup(const boost::asio::any_io_executor& executor, kube::Client& client, async::Clock& clock);

  // Follows the API server until it is cancelled.
  [[nodiscard]] async::Task<> run();

  async::Task<core::Result<std::vector<json::object>>> find_by_field(kube::Resource resource,
                                                                     std::string namespace_,
                                                                     std::string field,
                                                                     std::string value) override;
  async::Task<core::Result<std::vector<json::object>>> plans_of_class(const Scope& scope,
                                                                      std::string namespace_,
                                                                      std::string class_name) override;
  async::Task<core::Result<std::optional<json::object>>> get(kube::Resource resource,
                                                             kube::ObjectKey key) override;
  async::Task<core::Result<bool>> may_read_secret(User user, kube::ObjectKey secret) override;
  async::Task<core::Result<bool>> may(User user, std::string verb, kube::Resource resource,
                                      kube::ObjectKey object) override;
  async::Task<core::Result<std::vector<json::object>>> with_external_id(kube::Resource resource,
                                                                        std::string id) override;
  [[nodiscard]] Lookup& fresh() override { return api_server_; }

 private:
  // Null for a kind that is not kept, or not all there yet.
  [[nodiscard]] const runtime::Store* store_of(const kube::Resource& resource) const;
  [[nodiscard]] std::vector<json::object> kept(const kube::Resource& resource, std::string_view namespace_,
                                               const std::string& selector) const;

  boost::asio::any_io_executor executor_;
  KubeLookup api_server_;
  std::list<runtime::Informer> kinds_;
};

}  // namespace catalog::admission
