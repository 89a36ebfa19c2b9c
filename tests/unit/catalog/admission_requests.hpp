// Requests to admission for tests: alice's, in a cluster where there is nothing but a Secret.
#pragma once

#include <string>
#include <string_view>

#include "catalog/admission/facts.hpp"
#include "catalog/admission/lookup.hpp"
#include "objects.hpp"

namespace catalog::admission {

inline const User alice{.username = "alice", .uid = "7", .groups = {"devs"}, .extra = {}};

// Only alice may read the Secret, if there is one.
class EmptyCluster : public Lookup {
 public:
  explicit EmptyCluster(kube::ObjectKey readable = {}) : readable_(std::move(readable)) {}
  async::Task<core::Result<std::vector<json::object>>> find_by_field(kube::Resource, std::string, std::string,
                                                                     std::string) override {
    co_return std::vector<json::object>();
  }
  async::Task<core::Result<std::vector<json::object>>> plans_of_class(const Scope&, std::string,
                                                                      std::string) override {
    co_return std::vector<json::object>();
  }
  async::Task<core::Result<std::optional<json::object>>> get(kube::Resource, kube::ObjectKey) override {
    co_return std::optional<json::object>();
  }
  async::Task<core::Result<bool>> may_read_secret(User user, kube::ObjectKey secret) override {
    ++asked;
    co_return user.username == alice.username&& secret == readable_;
  }
  async::Task<core::Result<bool>> may(User, std::string, kube::Resource, kube::ObjectKey) override {
    co_return false;
  }
  async::Task<core::Result<std::vector<json::object>>> with_external_id(kube::Resource,
                                                                        std::string) override {
    co_return std::vector<json::object>();
  }
  int asked = 0;  // who may read a Secret

 private:
  kube::ObjectKey readable_;
};

inline Request create(const kube::Resource& resource, json::object object) {
  Request request{.resource = resource,
                  .subresource = {},
                  .operation = Operation::create,
                  .key = kube::key_of(object),
                  .object = std::move(object),
                  .old_object = {},
                  .user = alice};
  return request;
}

inline Request update(const kube::Resource& resource, json::object before, std::string_view patch) {
  json::object after = patched(before, patch);
  return {.resource = resource,
          .subresource = {},
          .operation = Operation::update,
          .key = kube::key_of(before),
          .object = std::move(after),
          .old_object = std::move(before),
          .user = alice};
}

inline json::object new_instance(std::string_view spec) {
  return parse(
      R"({"apiVersion":"servicecatalog.k8s.io/v1beta1","kind":"ServiceInstance","metadata":{"name":"a","namespace":"n"},"spec":)" +
      std::string(spec) + "}");
}

inline InstanceFacts s3_is_known() {
  return {.classes = {s3_class()}, .plans = {plan("production", "plan-id"), plan("custom", "other-id")}};
}

// The message of the denial, or "admitted".
inline std::string verdict(const Admitted& admitted) {
  return admitted ? "admitted" : admitted.error().message;
}

inline constexpr const char* s3_production =
    R"({"clusterServiceClassExternalName":"s3","clusterServicePlanExternalName":"production"})";

}  // namespace catalog::admission
