// Objects of the catalog for tests, made of short JSON texts.
#pragma once

#include <string>
#include <string_view>

#include "catalog/api/views.hpp"
#include "core/json.hpp"

namespace catalog {

inline json::object parse(std::string_view text) {
  core::Result<json::value> value = core::parse_json(text);
  if (!value) throw std::runtime_error("test data: " + value.error().message);
  return value->as_object();
}

// The object with a merge patch applied.
inline json::object patched(json::object object, std::string_view patch) {
  json::value value = std::move(object);
  core::merge_patch(value, parse(patch));
  return value.as_object();
}

inline core::SystemTime at(std::string_view time) {
  return core::parse_rfc3339(time).value();
}
inline const core::SystemTime ten_o_clock = at("2026-01-31T10:00:00Z");

inline json::object s3_class() {
  return parse(
      R"({"apiVersion":"servicecatalog.k8s.io/v1beta1","kind":"ClusterServiceClass","metadata":{"name":"class-id"},
    "spec":{"externalName":"s3","externalID":"class-id","clusterServiceBrokerName":"aws","bindable":true,"planUpdatable":true}})");
}

inline json::object plan(std::string_view name, std::string_view id) {
  json::object object =
      parse(R"({"apiVersion":"servicecatalog.k8s.io/v1beta1","kind":"ClusterServicePlan","metadata":{},
    "spec":{"clusterServiceBrokerName":"aws","clusterServiceClassRef":{"name":"class-id"}}})");
  core::set(object, {"metadata", "name"}, json::string(id));
  core::set(object, {"spec", "externalName"}, json::string(name));
  core::set(object, {"spec", "externalID"}, json::string(id));
  return object;
}

inline json::object instance(std::string_view patch = "{}") {
  return patched(parse(R"({"apiVersion":"servicecatalog.k8s.io/v1beta1","kind":"ServiceInstance",
    "metadata":{"name":"s3-bucket","namespace":"s3-demo","generation":1,"resourceVersion":"7","uid":"instance-uid",
                "finalizers":["kubernetes-incubator/service-catalog"]},
    "spec":{"clusterServiceClassExternalName":"s3","clusterServicePlanExternalName":"production","externalID":"instance-id",
            "updateRequests":0,"clusterServiceClassRef":{"name":"class-id"},"clusterServicePlanRef":{"name":"plan-id"},
            "userInfo":{"username":"kubernetes-admin","uid":"","groups":["system:masters"]}}})"),
                 patch);
}

inline json::object binding(std::string_view patch = "{}") {
  return patched(parse(R"({"apiVersion":"servicecatalog.k8s.io/v1beta1","kind":"ServiceBinding",
    "metadata":{"name":"s3-binding","namespace":"s3-demo","generation":1,"uid":"binding-uid",
                "finalizers":["kubernetes-incubator/service-catalog"]},
    "spec":{"instanceRef":{"name":"s3-bucket"},"externalID":"binding-id","secretName":"s3-binding",
            "userInfo":{"username":"kubernetes-admin","uid":"","groups":["system:masters"]}}})"),
                 patch);
}

}  // namespace catalog
