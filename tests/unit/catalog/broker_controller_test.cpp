#include <gtest/gtest.h>

#include "world.hpp"

namespace catalog {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(BrokerController, turns_a_catalog_into_classes_and_plans) {
  World world;
  world.create_broker();
  ASSERT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }));
  EXPECT_EQ(world.api.count(World::of(resources::cluster_service_classes)), 1U);
  EXPECT_EQ(world.api.count(World::of(resources::cluster_service_plans)), 2U);
  const json::object& status = ObjectView(*world.broker_now()).status();
  EXPECT_EQ(core::find_string(status, {"lastConditionState"}), "Ready");
  EXPECT_EQ(core::find_int(status, {"reconciledGeneration"}), 1);
  EXPECT_FALSE(core::find_string(status, {"lastCatalogRetrievalTime"}).empty());
  EXPECT_TRUE(world.has_event("FetchedCatalog"));
  EXPECT_NE(world.metrics.render().find("servicecatalog_broker_service_class_count{broker=\"aws\"} 1"),
            std::string::npos);
}

TEST(BrokerController, serves_a_namespaced_broker_by_the_same_code) {
  World world;
  world.api.put(
      World::of(resources::service_brokers),
      parse(
          R"({"apiVersion":"servicecatalog.k8s.io/v1beta1","kind":"ServiceBroker","metadata":{"name":"own","namespace":"s3-demo","generation":1},
                          "spec":{"url":"https://own.example.com"}})"));
  ASSERT_TRUE(world.until([&] { return world.api.count(World::of(resources::service_plans)) == 2; }));
  const json::object* service_class =
      world.api.find(World::of(resources::service_classes), "s3-demo", "class-id");
  ASSERT_NE(service_class, nullptr);
  EXPECT_EQ(core::find_string(*service_class, {"spec", "serviceBrokerName"}), "own");
}

TEST(BrokerController, fetches_again_at_its_interval_and_on_request) {
  World world;
  world.create_broker(R"({"spec":{"relistDuration":"10m"}})");
  ASSERT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }));
  world.let_pass(minutes(9));
  EXPECT_EQ(world.broker.calls("catalog"), 1U);
  EXPECT_TRUE(world.until([&] { return world.broker.calls("catalog") == 2; }, minutes(2)));
  world.edit(resources::cluster_service_brokers, "aws", R"({"spec":{"relistRequests":1}})");
  EXPECT_TRUE(world.until([&] { return world.broker.calls("catalog") == 3; }));
}

TEST(BrokerController, tells_why_a_catalog_cannot_be_fetched_and_recovers) {
  struct Case {
    const char* sentence;
    ScriptedBroker::Answer answer;
    const char* expected;
  };
  core::Error down{.kind = core::ErrorKind::unavailable,
                   .message = "https://aws.example.com: connection refused"};
  core::Error slow{.kind = core::ErrorKind::timeout, .message = "no answer within 1m0s"};
  for (const Case& c : {
           Case{"the broker is down", {.error = down}, "connection refused"},
           Case{"the broker is slow", {.error = slow}, "no answer within"},
           Case{"wrong credentials",
                {.status = 401, .body = R"({"description":"who are you?"})"},
                "Status: 401"},
           Case{"garbage", {.status = 200, .body = "<html>"}, "Error fetching catalog"},
           Case{"an invalid catalog",
                {.status = 200,
                 .body =
                     R"({"services":[{"id":"x","name":"s3","description":"d","bindable":true,"plans":[]}]})"},
                "s3"},
       }) {
    World world;
    world.broker.plan("catalog", {c.answer, c.answer, ScriptedBroker::Answer{.body = R"({"services":[]})"}});
    world.create_broker();
    ASSERT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "ErrorFetchingCatalog"; }))
        << c.sentence;
    EXPECT_NE(world.message(world.broker_now()).find(c.expected), std::string::npos)
        << c.sentence << ": " << world.message(world.broker_now());
    EXPECT_TRUE(world.has_event("ErrorFetchingCatalog")) << c.sentence;
    EXPECT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }))
        << c.sentence;
    EXPECT_EQ(core::find(*world.broker_now(), {"status", "retry"}), nullptr) << c.sentence;
  }
}

TEST(BrokerController, sends_credentials_and_notices_at_once_when_their_secret_comes) {
  World world;
  world.create_broker(
      R"({"spec":{"authInfo":{"basic":{"secretRef":{"namespace":"aws-sb","name":"creds"}}}}})");
  ASSERT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "ErrorGettingAuthCredentials"; }));
  EXPECT_NE(world.message(world.broker_now()).find("\"aws-sb/creds\""), std::string::npos);
  world.let_pass(minutes(10));
  world.api.put(
      "/api/v1/secrets",
      parse(
          R"({"metadata":{"name":"creds","namespace":"aws-sb"},"data":{"username":"dQ==","password":"cA=="}})"));
  EXPECT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }, seconds(1)));
  EXPECT_EQ(world.broker.last("catalog").headers.get("Authorization"), "Basic dTpw");
  world.api.put(
      "/api/v1/secrets",
      parse(
          R"({"metadata":{"name":"creds","namespace":"aws-sb"},"data":{"username":"dQ==","password":"cTI="}})"));
  EXPECT_TRUE(world.until(
      [&] { return world.broker.last("catalog").headers.get("Authorization") == "Basic dTpxMg=="; },
      seconds(1)));
}

TEST(BrokerController, marks_what_the_broker_takes_back_and_removes_it_when_the_last_instance_goes) {
  World world;
  world.create_broker();
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "ProvisionedSuccessfully"; }));
  world.broker.plan("catalog", {{.body = R"({"services":[]})"}});
  world.edit(resources::cluster_service_brokers, "aws", R"({"spec":{"relistRequests":1}})");
  auto class_now = [&] {
    return world.api.find(World::of(resources::cluster_service_classes), "", "class-id");
  };
  ASSERT_TRUE(world.until([&] { return class_now() && ClassView(*class_now()).removed_from_catalog(); }));
  EXPECT_EQ(world.api.count(World::of(resources::cluster_service_plans)),
            1U);  // the other one was used by nobody
  world.remove(resources::service_instances, "s3-bucket");
  EXPECT_TRUE(world.until([&] { return !class_now() && !world.instance_now(); }));
  EXPECT_TRUE(world.until([&] { return world.api.count(World::of(resources::cluster_service_plans)) == 0; }));
}

TEST(BrokerController, takes_its_classes_along_when_it_goes) {
  World world;
  world.create_broker();
  ASSERT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }));
  world.remove(resources::cluster_service_brokers, "aws");
  EXPECT_TRUE(world.until([&] { return !world.broker_now(); }));
  EXPECT_EQ(world.api.count(World::of(resources::cluster_service_classes)), 0U);
  EXPECT_EQ(world.api.count(World::of(resources::cluster_service_plans)), 0U);
}

}  // namespace
}  // namespace catalog
