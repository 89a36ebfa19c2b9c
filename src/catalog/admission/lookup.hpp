// What admission has to know of the rest of the cluster.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.hpp"
#include "catalog/admission/request.hpp"
#include "catalog/api/resources.hpp"
#include "core/error.hpp"
#include "kube/client.hpp"

namespace catalog::admission {

// Executor: the loop's thread. Errors are those of the Kubernetes API; not found is no error but nullopt or
// empty.
class Lookup {
 public:
  virtual ~Lookup() = default;
  // Classes or plans whose spec member `field` (externalName, externalID) is `value`.
  [[nodiscard]] virtual async::Task<core::Result<std::vector<json::object>>> find_by_field(
      kube::Resource resource, std::string namespace_, std::string field, std::string value) = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::vector<json::object>>> plans_of_class(
      const Scope& scope, std::string namespace_, std::string class_name) = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::optional<json::object>>> get(kube::Resource resource,
                                                                                   kube::ObjectKey key) = 0;
  // Whether the user may `get` that Secret.
  [[nodiscard]] virtual async::Task<core::Result<bool>> may_read_secret(User user,
                                                                        kube::ObjectKey secret) = 0;
  // Whether the user may do that to the object; name "": to any of the namespace; namespace "" too: to all.
  [[nodiscard]] virtual async::Task<core::Result<bool>> may(User user, std::string verb,
                                                            kube::Resource resource,
                                                            kube::ObjectKey object) = 0;
  // Instances or bindings of all namespaces whose spec.externalID is that one. Never an old answer.
  [[nodiscard]] virtual async::Task<core::Result<std::vector<json::object>>> with_external_id(
      kube::Resource resource, std::string id) = 0;
  // Answers that are not old: what a refusal rests on.
  [[nodiscard]] virtual Lookup& fresh() { return *this; }
};

// The label selectors that find classes and plans (resources.hpp, "labels").
[[nodiscard]] std::string selector_of(std::string_view field, std::string_view value);
[[nodiscard]] std::string selector_of_class(const Scope& scope, std::string_view class_name);

// Asks the API server.
class KubeLookup : public Lookup {
 public:
  explicit KubeLookup(kube::Client& client) : client_(client) {}

  async::Task<core::Result<std::vector<json::object>>> find_by_field(kube::Resource resource,
                                                                     std::string namespace_,
                                                                     std::string field,
                                                                     std::string value) override;
  async::Task<core::Result<std::vector<json::object>>> plans_of_class(const Scope& scope,
                                                                      std::string namespace_,
                                                                      std::string class_name) override;
  async::Task<core::Result<std::optional<json::object>>> get(kube::Resource resource,
                                                             kube::ObjectKey key) override;
  // SubjectAccessReviews. Without an answer nobody may.
  async::Task<core::Result<bool>> may_read_secret(User user, kube::ObjectKey secret) override;
  async::Task<core::Result<bool>> may(User user, std::string verb, kube::Resource resource,
                                      kube::ObjectKey object) override;
  // By the field selector; of an API server that has none for custom resources (before 1.31) all are read.
  async::Task<core::Result<std::vector<json::object>>> with_external_id(kube::Resource resource,
                                                                        std::string id) override;

 private:
  [[nodiscard]] async::Task<core::Result<bool>> review(User user, json::object attributes);

  kube::Client& client_;
};

}  // namespace catalog::admission
