#include "apiserver/request_info.hpp"

#include <gtest/gtest.h>

#include "apiserver/continuation.hpp"
#include "apiserver/negotiation.hpp"
#include "core/hash.hpp"

namespace apiserver {
namespace {

struct Case {
  const char* method;
  const char* target;
  const char* reads;  // verb group/version namespace resource name subresource; "-" for none
};

std::string described(const RequestInfo& info) {
  const auto or_none = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
  return info.verb + " " + or_none(info.group) + "/" + or_none(info.version) + " " +
         or_none(info.namespace_) + " " + or_none(info.resource) + " " + or_none(info.name) + " " +
         or_none(info.subresource);
}

class RequestInfoOf : public testing::TestWithParam<Case> {};

TEST_P(RequestInfoOf, tells_what_is_asked_for) {
  const auto info = request_info_of({.method = GetParam().method, .target = GetParam().target});
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_TRUE(info->is_resource);
  EXPECT_EQ(described(*info), GetParam().reads);
}

INSTANTIATE_TEST_SUITE_P(
    All, RequestInfoOf,
    testing::Values(
        Case{"GET", "/api/v1/namespaces", "list -/v1 - namespaces - -"},
        Case{"GET", "/api/v1/namespaces/demo", "get -/v1 demo namespaces demo -"},
        Case{"PUT", "/api/v1/namespaces/demo/finalize", "update -/v1 demo namespaces demo finalize"},
        Case{"PATCH", "/api/v1/namespaces/demo/status", "patch -/v1 demo namespaces demo status"},
        Case{"GET", "/api/v1/namespaces/demo/secrets", "list -/v1 demo secrets - -"},
        Case{"GET", "/api/v1/namespaces/demo/secrets?watch=true", "watch -/v1 demo secrets - -"},
        Case{"GET", "/api/v1/secrets?watch=1&limit=5", "watch -/v1 - secrets - -"},
        Case{"POST", "/api/v1/namespaces/demo/serviceaccounts/robot/token",
             "create -/v1 demo serviceaccounts robot token"},
        Case{"DELETE", "/api/v1/namespaces/demo/secrets/s", "delete -/v1 demo secrets s -"},
        Case{"DELETE", "/api/v1/namespaces/demo/secrets", "deletecollection -/v1 demo secrets - -"},
        Case{"PATCH", "/apis/servicecatalog.k8s.io/v1beta1/clusterservicebrokers/b/status",
             "patch servicecatalog.k8s.io/v1beta1 - clusterservicebrokers b status"},
        Case{"GET", "/apis/servicecatalog.k8s.io/v1beta1/namespaces/demo/serviceinstances/a%2Db",
             "get servicecatalog.k8s.io/v1beta1 demo serviceinstances a-b -"}));

TEST(RequestInfo, leaves_other_paths_alone) {
  for (const char* target : {"/", "/api", "/apis", "/api/v1", "/apis/apps/v1", "/healthz", "/openapi/v2"}) {
    const auto info = request_info_of({.target = target});
    ASSERT_TRUE(info) << target;
    EXPECT_FALSE(info->is_resource) << target;
    EXPECT_EQ(info->verb, "get");
  }
}

TEST(RequestInfo, refuses_segments_that_would_address_something_else) {
  for (const char* target : {"/api/v1/namespaces/%2e%2e/secrets", "/api/v1/namespaces/a%2Fb/secrets",
                             "/api/v1/namespaces/../secrets", "/api/v1/namespaces/%zz"}) {
    EXPECT_FALSE(request_info_of({.target = target})) << target;
  }
}

TEST(Negotiation, takes_the_first_form_that_can_be_served) {
  using Shape = Form::Shape;
  const auto table = negotiate(
      "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,"
      "application/json");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->shape, Shape::table);
  EXPECT_EQ(table->version, "v1");
  EXPECT_EQ(negotiate("application/vnd.kubernetes.protobuf, application/json")->shape, Shape::object);
  EXPECT_EQ(negotiate("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")->shape,
            Shape::metadata);
  EXPECT_EQ(negotiate("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")->discovery,
            "v2");
  EXPECT_TRUE(negotiate("application/yaml")->yaml);
  EXPECT_EQ(negotiate("")->shape, Shape::object);
  EXPECT_EQ(negotiate("*/*")->shape, Shape::object);
  for (const char* accept : {"application/vnd.kubernetes.protobuf", "text/html", "application/json;as=Chart"})
    EXPECT_FALSE(negotiate(accept)) << accept;
}

TEST(Continuation, comes_back_as_it_was_given_out) {
  const auto parsed = Continuation::parse(Continuation{.revision = 42, .after = "demo/s3"}.to_string());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->revision, 42);
  EXPECT_EQ(parsed->after, "demo/s3");
}

TEST(Continuation, is_nothing_where_it_was_not_given_out_here) {
  const std::vector<std::string> foreign{"",
                                         "x",
                                         "!!!!",
                                         core::base64_encode("[]"),
                                         core::base64_encode(R"({"rv": -1, "start": "a"})"),
                                         core::base64_encode(R"({"rv": 4})"),
                                         core::base64_encode("{")};
  for (const std::string& token : foreign) EXPECT_FALSE(Continuation::parse(token)) << token;
}

}  // namespace
}  // namespace apiserver
