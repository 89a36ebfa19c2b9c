#include "kube/requests.hpp"

#include <gtest/gtest.h>

namespace kube {
namespace {

const Resource instances{.group = "servicecatalog.k8s.io",
                         .version = "v1beta1",
                         .kind = "ServiceInstance",
                         .plural = "serviceinstances"};
const Resource brokers{.group = "servicecatalog.k8s.io",
                       .version = "v1beta1",
                       .kind = "ClusterServiceBroker",
                       .plural = "clusterservicebrokers",
                       .namespaced = false};

TEST(Requests, name_collections_and_objects_by_group_namespace_and_subresource) {
  struct Case {
    Resource resource;
    ObjectKey key;
    std::string subresource;
    std::string path;
  };
  const std::vector<Case> cases{
      {resources::secrets, {"demo", "s3-binding"}, "", "/api/v1/namespaces/demo/secrets/s3-binding"},
      {resources::namespaces, {"", "demo"}, "", "/api/v1/namespaces/demo"},
      {resources::leases, {"catalog", "l"}, "", "/apis/coordination.k8s.io/v1/namespaces/catalog/leases/l"},
      {instances,
       {"demo", "a"},
       "status",
       "/apis/servicecatalog.k8s.io/v1beta1/namespaces/demo/serviceinstances/a/status"},
      {brokers, {"", "aws"}, "", "/apis/servicecatalog.k8s.io/v1beta1/clusterservicebrokers/aws"},
      {brokers,
       {"", "system:x y"},
       "",
       "/apis/servicecatalog.k8s.io/v1beta1/clusterservicebrokers/system%3Ax%20y"},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(requests::object_path(test.resource, test.key, test.subresource).value(), test.path);
  }
  EXPECT_EQ(requests::collection_path(instances, "").value(),
            "/apis/servicecatalog.k8s.io/v1beta1/serviceinstances");
  EXPECT_EQ(requests::collection_path(instances, "demo").value(),
            "/apis/servicecatalog.k8s.io/v1beta1/namespaces/demo/serviceinstances");
}

TEST(Requests, refuse_names_that_would_address_something_else) {
  struct Case {
    Resource resource;
    ObjectKey key;
    std::string complaint;
  };
  const std::vector<Case> cases{
      {instances, {"demo", ""}, "must not be empty"},
      {instances, {"demo", ".."}, "must not be '..'"},
      {instances, {"demo", "a/status"}, "must not contain '/'"},
      {instances, {"demo", "a%2fb"}, "must not contain '%'"},
      {instances, {"..", "a"}, "must not be '..'"},
      {instances, {"", "a"}, "namespace of the ServiceInstance \"a\" is missing"},
      {brokers, {"demo", "a"}, "have no namespace"},
  };
  for (const Case& test : cases) {
    const auto request = requests::remove(test.resource, test.key);
    ASSERT_FALSE(request) << test.key.to_string();
    EXPECT_EQ(request.error().kind, core::ErrorKind::invalid);
    EXPECT_NE(request.error().message.find(test.complaint), std::string::npos) << request.error().message;
  }
}

TEST(Requests, list_asks_for_a_page_with_encoded_selectors) {
  const ListOptions options{
      .label_selector = "app in (a,b)", .field_selector = "metadata.name=x", .limit = 50};
  EXPECT_EQ(requests::list(instances, "demo", options, "token==").value().target,
            "/apis/servicecatalog.k8s.io/v1beta1/namespaces/demo/"
            "serviceinstances?labelSelector=app%20in%20%28a%2Cb%29"
            "&fieldSelector=metadata.name%3Dx&limit=50&continue=token%3D%3D");
  EXPECT_EQ(requests::list(instances, "", {.limit = 0}).value().target,
            "/apis/servicecatalog.k8s.io/v1beta1/serviceinstances");
}

TEST(Requests, watch_asks_for_bookmarks_from_a_version_on) {
  WatchOptions options;
  options.resource_version = "42";
  options.timeout = std::chrono::seconds(60);
  const net::Request request = requests::watch(resources::secrets, "demo", options).value();
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target,
            "/api/v1/namespaces/demo/"
            "secrets?watch=true&allowWatchBookmarks=true&resourceVersion=42&timeoutSeconds=60");
}

TEST(Requests, create_posts_the_object_with_its_type_to_its_namespace) {
  const net::Request request =
      requests::create(instances, {{"metadata", {{"name", "a"}, {"namespace", "demo"}}}}).value();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/apis/servicecatalog.k8s.io/v1beta1/namespaces/demo/serviceinstances");
  EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
  const json::value body = core::parse_json(request.body).value();
  EXPECT_EQ(core::find_string(body, {"kind"}), "ServiceInstance");
  EXPECT_EQ(core::find_string(body, {"apiVersion"}), "servicecatalog.k8s.io/v1beta1");
  EXPECT_FALSE(requests::create(instances, {{"metadata", {{"name", "a"}}}}));
}

TEST(Requests, replace_puts_to_the_object_and_its_subresource) {
  const json::object object{{"metadata", {{"name", "a"}, {"namespace", "demo"}, {"resourceVersion", "7"}}}};
  const net::Request request = requests::replace(instances, object, "status").value();
  EXPECT_EQ(request.method, "PUT");
  EXPECT_TRUE(request.target.ends_with("/namespaces/demo/serviceinstances/a/status"));
  EXPECT_NE(request.body.find("\"resourceVersion\":\"7\""), std::string::npos);
}

TEST(Requests, patch_has_the_content_type_of_its_kind) {
  const ObjectKey key{"demo", "a"};
  const std::vector<std::pair<PatchType, std::string>> cases{
      {PatchType::json, "application/json-patch+json"},
      {PatchType::merge, "application/merge-patch+json"},
      {PatchType::strategic_merge, "application/strategic-merge-patch+json"},
      {PatchType::apply, "application/apply-patch+yaml"},
  };
  for (const auto& [type, content_type] : cases) {
    const net::Request request =
        requests::patch(instances, key, type, json::object(), {.field_manager = "svcat"}).value();
    EXPECT_EQ(request.method, "PATCH");
    EXPECT_EQ(request.headers.get("Content-Type"), content_type);
    EXPECT_TRUE(request.target.ends_with("/serviceinstances/a?fieldManager=svcat"));
  }
  const PatchOptions forced{.subresource = "status", .field_manager = "svcat", .force = true};
  EXPECT_TRUE(requests::patch(instances, key, PatchType::apply, json::object(), forced)
                  .value()
                  .target.ends_with("/a/status?fieldManager=svcat&force=true"));
  EXPECT_FALSE(requests::patch(instances, key, PatchType::apply, json::object()));
  EXPECT_FALSE(requests::patch(instances, key, PatchType::merge, json::object(), forced));
}

TEST(Requests, remove_carries_its_preconditions) {
  const DeleteOptions options{.uid = "u-1", .resource_version = "9", .propagation_policy = "Foreground"};
  const net::Request request = requests::remove(instances, {"demo", "a"}, options).value();
  EXPECT_EQ(request.method, "DELETE");
  const json::value body = core::parse_json(request.body).value();
  EXPECT_EQ(core::find_string(body, {"preconditions", "uid"}), "u-1");
  EXPECT_EQ(core::find_string(body, {"preconditions", "resourceVersion"}), "9");
  EXPECT_EQ(core::find_string(body, {"propagationPolicy"}), "Foreground");
  EXPECT_EQ(core::find(core::parse_json(requests::remove(instances, {"demo", "a"}).value().body).value(),
                       {"preconditions"}),
            nullptr);
}

}  // namespace
}  // namespace kube
