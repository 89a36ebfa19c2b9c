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

TEST(BrokerController, lets_go_of_a_removed_plan_when_its_last_instance_moves_to_another) {
  World world;
  world.create_broker();
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "ProvisionedSuccessfully"; }));
  world.broker.plan("catalog", {{.body = R"({"services":[{"id":"class-id","name":"s3","description":"buckets",
    "bindable":true,"plan_updateable":true,"plans":[{"id":"other-id","name":"custom","description":"as you like"}]}]})"}});
  world.edit(resources::cluster_service_brokers, "aws", R"({"spec":{"relistRequests":1}})");
  auto production = [&] {
    return world.api.find(World::of(resources::cluster_service_plans), "", "plan-id");
  };
  ASSERT_TRUE(world.until([&] { return production() && PlanView(*production()).removed_from_catalog(); }));
  world.edit(
      resources::service_instances, "s3-bucket",
      R"({"spec":{"clusterServicePlanExternalName":"custom","clusterServicePlanRef":{"name":"other-id"}}})");
  EXPECT_TRUE(world.until([&] { return !production(); }));
}

TEST(BrokerController, takes_a_class_back_that_returns) {
  World world;
  world.create_broker();
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "ProvisionedSuccessfully"; }));
  auto class_now = [&] {
    return world.api.find(World::of(resources::cluster_service_classes), "", "class-id");
  };
  std::string uid(kube::uid_of(*class_now()));
  ScriptedBroker::Answer all{.body = R"({"services":[{"id":"class-id","name":"s3","description":"buckets",
    "bindable":true,"plans":[{"id":"plan-id","name":"production","description":"for keeps"}]}]})"};
  world.broker.plan("catalog", {{.body = R"({"services":[]})"}, all});
  world.edit(resources::cluster_service_brokers, "aws", R"({"spec":{"relistRequests":1}})");
  ASSERT_TRUE(world.until([&] { return ClassView(*class_now()).removed_from_catalog(); }));
  world.edit(resources::cluster_service_brokers, "aws", R"({"spec":{"relistRequests":2}})");
  EXPECT_TRUE(world.until([&] { return !ClassView(*class_now()).removed_from_catalog(); }));
  EXPECT_EQ(kube::uid_of(*class_now()), uid);
}

TEST(BrokerController, fetches_by_itself_no_more_where_relisting_is_manual) {
  World world;
  world.create_broker(R"({"spec":{"relistBehavior":"Manual","relistDuration":"1m"}})");
  ASSERT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }));
  world.let_pass(hours(48));
  EXPECT_EQ(world.broker.calls("catalog"), 1U);
  world.edit(resources::cluster_service_brokers, "aws", R"({"spec":{"relistRequests":1}})");
  EXPECT_TRUE(world.until([&] { return world.broker.calls("catalog") == 2; }));
}

TEST(BrokerController, makes_objects_of_its_own_of_ids_that_another_broker_offers_too) {
  World world;
  world.create_broker();
  ASSERT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }));
  world.create_broker(R"({"metadata":{"name":"staging"}})");
  ASSERT_TRUE(world.until([&] { return world.api.count(World::of(resources::cluster_service_plans)) == 4; }));
  EXPECT_EQ(world.api.count(World::of(resources::cluster_service_classes)), 2U);
  EXPECT_EQ(world.reason(world.api.find(World::of(resources::cluster_service_brokers), "", "staging")),
            "FetchedCatalog");
  const json::object* first = world.api.find(World::of(resources::cluster_service_classes), "", "class-id");
  EXPECT_EQ(ClassView(*first).broker_name(cluster_scope()), "aws");
  world.remove(resources::cluster_service_brokers, "staging");
  EXPECT_TRUE(world.until([&] { return world.api.count(World::of(resources::cluster_service_plans)) == 2; }));
  EXPECT_NE(world.api.find(World::of(resources::cluster_service_classes), "", "class-id"), nullptr);
}

TEST(BrokerController, writes_of_thousands_of_plans_only_what_has_changed) {
  auto catalog = [](std::string_view last) {
    json::array plans;
    for (int i = 0; i < 2000; ++i) {
      std::string name = "plan-" + std::to_string(i);
      plans.push_back({{"id", name}, {"name", name}, {"description", i == 1999 ? last : "a plan"}});
    }
    json::object offering{{"id", "class-id"},
                          {"name", "s3"},
                          {"description", "buckets"},
                          {"bindable", true},
                          {"plans", std::move(plans)}};
    return ScriptedBroker::Answer{
        .body = core::to_text(json::object{{"services", json::array{std::move(offering)}}})};
  };
  World world;
  world.broker.plan("catalog", {catalog("a plan"), catalog("another plan")});
  world.create_broker();
  ASSERT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }));
  EXPECT_EQ(world.writes("clusterserviceplans"), 2000U);
  world.edit(resources::cluster_service_brokers, "aws", R"({"spec":{"relistRequests":1}})");
  ASSERT_TRUE(world.until([&] { return world.writes("clusterserviceplans") == 2001; }));
  EXPECT_EQ(world.writes("clusterserviceclasses"), 1U);
}

TEST(BrokerController, leaves_out_an_object_that_the_api_server_refuses_and_tells_of_it) {
  World world;
  world.create_broker();
  auto refused_once = [&] {
    if (world.broker.calls("catalog") == 0) return false;
    world.api.answer_next(
        422,
        R"({"kind":"Status","status":"Failure","reason":"Invalid","code":422,"message":"too many letters"})");
    return true;
  };
  ASSERT_TRUE(world.until(refused_once));
  EXPECT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }));
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

// kubectl delete namespace: the namespace controller deletes in the order of the kinds' names, and what has
// no finalizer is gone at once.
TEST(BrokerController, outlives_the_instances_of_a_namespace_that_is_deleted) {
  World world;
  world.api.put(
      "/api/v1/secrets",
      parse(
          R"({"metadata":{"name":"creds","namespace":"s3-demo"},"data":{"username":"dQ==","password":"cA=="}})"));
  world.api.put(World::of(resources::service_brokers), parse(R"({"kind":"ServiceBroker",
    "metadata":{"name":"own","namespace":"s3-demo","generation":1,"finalizers":["kubernetes-incubator/service-catalog"]},
    "spec":{"url":"https://own.example.com","authInfo":{"basic":{"secretRef":{"name":"creds"}}}}})"));
  world.create_instance(
      R"({"spec":{"clusterServiceClassExternalName":null,"clusterServicePlanExternalName":null,
    "clusterServiceClassRef":null,"clusterServicePlanRef":null,
    "serviceClassExternalName":"s3","servicePlanExternalName":"production"}})");
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "ProvisionedSuccessfully"; }));
  auto broker = [&] { return world.api.find(World::of(resources::service_brokers), "s3-demo", "own"); };

  world.broker.plan("deprovision", {{.status = 500}, {.status = 200}});
  world.api.put(
      "/api/v1/namespaces",
      parse(
          R"({"metadata":{"name":"s3-demo","uid":"namespace-uid","deletionTimestamp":"2026-01-31T10:00:00Z"}})"));
  world.api.erase("/api/v1/secrets", "s3-demo", "creds");
  world.remove(resources::service_brokers, "own");
  EXPECT_TRUE(world.until([&] { return world.reason(broker()) == "DeletionWaitsForInstances"; }));
  EXPECT_NE(world.message(broker()).find("s3-bucket"), std::string::npos);
  world.api.erase(World::of(resources::service_classes), "s3-demo", "class-id");
  world.remove(resources::service_instances, "s3-bucket");
  EXPECT_TRUE(world.until([&] { return !world.instance_now() && broker() == nullptr; }, minutes(1)))
      << world.message(world.instance_now());
  EXPECT_EQ(world.broker.last("deprovision").headers.get("Authorization"), "Basic dTpw");
}

}  // namespace
}  // namespace catalog
