// Classes and plans in the webhook's memory: no request for what is known, none refused for what is old.
#include "catalog/admission/cached_lookup.hpp"

#include <gtest/gtest.h>

#include "admission_requests.hpp"
#include "catalog/admission/review.hpp"
#include "tests/unit/runtime/loop.hpp"

namespace catalog::admission {
namespace {

constexpr const char* classes = "/apis/servicecatalog.k8s.io/v1beta1/clusterserviceclasses";
constexpr const char* plans = "/apis/servicecatalog.k8s.io/v1beta1/clusterserviceplans";

class CachedLookupTest : public runtime::Loop {
 protected:
  void put_class() {
    json::object service_class = s3_class();
    core::set(service_class, {"metadata", "labels"},
              labels_of_class(cluster_scope(), service_class.at("spec").as_object()));
    api_.put(classes, std::move(service_class));
  }
  // A plan that takes a parameter `size` of that type only.
  void put_plan(std::string_view type) {
    json::object production = plan("production", "plan-id");
    core::set(production, {"metadata", "labels"},
              labels_of_plan(cluster_scope(), production.at("spec").as_object()));
    core::set(production, {"spec", "instanceCreateParameterSchema"},
              json::object{{"properties", json::object{{"size", json::object{{"type", type}}}}}});
    api_.put(plans, std::move(production));
  }
  bool admitted(std::string_view parameters) {
    net::Request request;
    request.body =
        R"({"kind":"AdmissionReview","request":{"uid":"1","operation":"CREATE","namespace":"s3-demo","name":"a",
      "resource":{"group":"servicecatalog.k8s.io","version":"v1beta1","resource":"serviceinstances"},"kind":{"kind":"ServiceInstance"},
      "object":{"metadata":{"name":"a","namespace":"s3-demo"},"spec":{"clusterServiceClassExternalName":"s3",
        "clusterServicePlanExternalName":"production","parameters":)" +
        std::string(parameters) + "}}}}";
    std::optional<net::Response> answer;
    start([](net::Request asked, Lookup& lookup, std::optional<net::Response>& answered) -> async::Task<> {
      answered = co_await handle_review(asked, WebhookKind::validating, lookup);
    }(std::move(request), lookup_, answer));
    return core::find_bool(*core::parse_json(std::get<std::string>(answer->body)), {"response", "allowed"})
        .value_or(false);
  }
  std::size_t asked() const { return api_.requests().size(); }

  CachedLookup lookup_{io_.get_executor(), client_, clock_};
};

TEST_F(CachedLookupTest, asks_nobody_for_what_it_has) {
  put_class();
  put_plan("integer");
  start(lookup_.run());
  const std::size_t before = asked();
  EXPECT_TRUE(admitted(R"({"size":1})"));
  EXPECT_EQ(asked(), before);
}

TEST_F(CachedLookupTest, asks_the_api_server_before_it_has_anything) {
  put_class();
  put_plan("integer");
  EXPECT_TRUE(admitted(R"({"size":1})"));
  EXPECT_FALSE(admitted(R"({"size":"much"})"));
  EXPECT_GT(asked(), 0U);
}

TEST_F(CachedLookupTest, knows_a_class_that_its_watch_has_not_shown_yet) {
  start(lookup_.run());
  api_.hold_events(true);
  put_class();
  put_plan("integer");
  EXPECT_FALSE(admitted(R"({"size":"much"})")) << "an unknown class would be left to the controllers";
}

TEST_F(CachedLookupTest, refuses_nothing_for_what_is_old) {
  put_class();
  put_plan("integer");
  start(lookup_.run());
  api_.hold_events(true);
  put_plan("string");
  EXPECT_TRUE(admitted(R"({"size":"much"})"));
  api_.hold_events(false);
  settle();
  EXPECT_FALSE(admitted(R"({"size":1})"));
}

}  // namespace
}  // namespace catalog::admission
