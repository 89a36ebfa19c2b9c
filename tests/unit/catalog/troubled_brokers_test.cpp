// Brokers that do not answer: others go on, the broker is spared, and what waits says so.
#include <gtest/gtest.h>

#include "world.hpp"

namespace catalog {
namespace {

using Answer = ScriptedBroker::Answer;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const Answer hanging{.hangs = true};
const core::Error down{.kind = core::ErrorKind::unavailable, .message = "connection refused"};

class TroubledBrokers : public testing::Test {
 protected:
  void SetUp() override {
    world.other_broker.plan("catalog", {{.body = R"({"services":[{"id":"other-class","name":"other",
      "description":"d","bindable":true,"plans":[{"id":"other-plan","name":"p","description":"d"}]}]})"}});
    world.create_broker();
    world.create_broker(R"({"metadata":{"name":"other"},"spec":{"url":"https://other.example.com"}})");
    ASSERT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }));
  }
  void create_instance(const std::string& name, std::string_view patch = "{}") {
    json::object own{{"metadata", {{"name", name}}}, {"spec", {{"externalID", name}}}};
    world.create_instance(core::to_text(patched(std::move(own), patch)));
  }
  void create_many(int count) {
    for (int i = 0; i < count; ++i) create_instance("slow-" + std::to_string(i));
  }
  void create_other(const std::string& name) {
    create_instance(name, R"({"spec":{"clusterServiceClassExternalName":"other",
      "clusterServicePlanExternalName":"p","clusterServiceClassRef":{"name":"other-class"},
      "clusterServicePlanRef":{"name":"other-plan"}}})");
  }
  [[nodiscard]] const json::object* instance(const std::string& name) {
    return world.api.find(World::of(resources::service_instances), "s3-demo", name);
  }
  [[nodiscard]] bool ready(const std::string& name) {
    return world.reason(instance(name)) == "ProvisionedSuccessfully";
  }
  [[nodiscard]] bool shows(const std::string& metric) { return world.metrics.render().contains(metric); }

  World world;
};

TEST_F(TroubledBrokers, one_that_hangs_with_200_instances_does_not_hold_up_those_of_another) {
  world.broker.plan("provision", {hanging});
  create_many(200);
  world.let_pass(seconds(1));
  EXPECT_EQ(world.broker.calls("provision"), 40U) << "half of the workers at most";
  for (int i = 0; i < 20; ++i) create_other("other-" + std::to_string(i));
  EXPECT_TRUE(world.until(
      [&] {
        for (int i = 0; i < 20; ++i) {
          if (!ready("other-" + std::to_string(i))) return false;
        }
        return true;
      },
      seconds(1)));
}

TEST_F(TroubledBrokers, one_that_hangs_is_called_no_more_and_its_instances_say_so_until_it_works) {
  world.broker.plan("provision", {hanging});
  world.broker.plan("deprovision", {hanging});
  create_many(200);
  ASSERT_TRUE(world.until([&] { return shows(R"(servicecatalog_broker_circuit_open{broker="aws"} 1)"); },
                          seconds(70)));
  EXPECT_TRUE(shows(R"(servicecatalog_broker_circuit_open{broker="other"} 0)"));
  ASSERT_TRUE(
      world.until([&] { return world.reason(world.broker_now()) == "ErrorFetchingCatalog"; }, seconds(1)));
  EXPECT_NE(world.message(world.broker_now()).find("called only occasionally"), std::string::npos)
      << world.message(world.broker_now());
  ASSERT_TRUE(world.until(
      [&] { return world.message(instance("slow-199")).contains("called only occasionally"); }, seconds(120)))
      << world.message(instance("slow-199"));
  std::size_t calls = world.broker.calls("provision");
  world.let_pass(minutes(5));
  EXPECT_LT(world.broker.calls("provision") - calls, 100U)
      << "40 at a time, a minute each, and a minute's pause";

  world.broker.plan("provision", {{.status = 201}});
  world.broker.plan("deprovision", {{.status = 200}});
  EXPECT_TRUE(world.until(
      [&] {
        for (int i = 0; i < 200; ++i) {
          if (!ready("slow-" + std::to_string(i))) return false;
        }
        return true;
      },
      minutes(10)));
  EXPECT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }, minutes(2)));
  EXPECT_TRUE(shows(R"(servicecatalog_broker_circuit_open{broker="aws"} 0)"));
}

TEST_F(TroubledBrokers, one_that_is_down_makes_its_instances_go_on_as_soon_as_it_is_back) {
  world.broker.plan("catalog", {{.error = down}});
  world.broker.plan("provision", {{.error = down}});
  create_many(10);
  ASSERT_TRUE(world.until([&] { return shows(R"(servicecatalog_broker_circuit_open{broker="aws"} 1)"); },
                          seconds(20)));
  world.let_pass(minutes(20));
  std::size_t calls = world.broker.calls("provision");
  EXPECT_LT(calls, 60U);
  world.broker = ScriptedBroker();
  EXPECT_TRUE(world.until(
      [&] {
        for (int i = 0; i < 10; ++i) {
          if (!ready("slow-" + std::to_string(i))) return false;
        }
        return true;
      },
      seconds(65)))
      << "its next backoff would have been ten minutes";
}

TEST_F(TroubledBrokers, one_that_refuses_with_4xx_is_not_taken_for_one_that_does_not_work) {
  world.broker.plan("provision", {{.status = 400}});
  create_many(20);
  ASSERT_TRUE(world.until([&] { return world.broker.calls("provision") == 20; }));
  world.let_pass(seconds(5));
  EXPECT_TRUE(shows(R"(servicecatalog_broker_circuit_open{broker="aws"} 0)"));
  EXPECT_EQ(world.reason(world.broker_now()), "FetchedCatalog");
}

TEST_F(TroubledBrokers, starts_afresh_with_a_broker_whose_url_was_corrected) {
  world.broker.plan("catalog", {{.error = down}});
  world.broker.plan("provision", {{.error = down}});
  create_many(10);
  ASSERT_TRUE(world.until([&] { return shows(R"(servicecatalog_broker_circuit_open{broker="aws"} 1)"); },
                          seconds(20)));
  world.broker = ScriptedBroker();
  world.edit(resources::cluster_service_brokers, "aws", R"({"spec":{"url":"https://new.example.com"}})");
  EXPECT_TRUE(world.until([&] { return ready("slow-0") && ready("slow-9"); }, seconds(1)));
}

TEST(BrokerLimits, keep_to_so_many_calls_at_a_time_and_so_many_a_second) {
  ControllerOptions options;
  options.broker_limits = {.concurrency = 3, .requests_per_second = 10};
  World world(options);
  world.create_broker();
  ASSERT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }));
  world.broker.plan("provision", {hanging});
  for (int i = 0; i < 10; ++i) {
    std::string name = "slow-" + std::to_string(i);
    world.create_instance(R"({"metadata":{"name":")" + name + R"("},"spec":{"externalID":")" + name +
                          R"("}})");
  }
  world.let_pass(seconds(50));
  EXPECT_EQ(world.broker.calls("provision"), 3U);
  ASSERT_TRUE(world.until([&] { return world.broker.calls("provision") > 3; }, seconds(15)));
}

TEST_F(TroubledBrokers, one_that_is_deleted_is_in_no_metric_more) {
  world.create_broker(R"({"metadata":{"name":"third"},"spec":{"url":"https://other.example.com"}})");
  ASSERT_TRUE(
      world.until([&] { return shows(R"(servicecatalog_broker_service_class_count{broker="third"})"); }));
  world.other_broker.plan("catalog", {{.error = down}});
  world.edit(resources::cluster_service_brokers, "third", R"({"spec":{"relistRequests":1}})");
  ASSERT_TRUE(world.until([&] { return shows(R"(servicecatalog_broker_circuit_open{broker="third"} 1)"); },
                          minutes(10)));
  world.remove(resources::cluster_service_brokers, "third");
  EXPECT_TRUE(world.until([&] { return !shows(R"({broker="third"})"); }));
  EXPECT_TRUE(shows(R"(servicecatalog_broker_circuit_open{broker="aws"} 0)"));
}

TEST(BrokerMetrics, tell_latencies_and_operations_by_age) {
  World world;
  world.create_broker();
  world.broker.plan("provision", {{.status = 202}});
  world.broker.plan("last_operation", {{.body = R"({"state":"in progress"})"}});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "Provisioning"; }));
  auto expect = [&](const std::string& line) {
    EXPECT_NE(world.metrics.render().find(line), std::string::npos) << line << "\n" << world.metrics.render();
  };
  expect(R"(servicecatalog_osb_request_count{broker="aws",method="ProvisionInstance",status="2xx"} 1)");
  expect(R"(servicecatalog_osb_request_seconds_count{broker="aws",method="ProvisionInstance"} 1)");
  expect(R"(servicecatalog_broker_service_class_count{broker="aws"} 1)");
  expect(R"(servicecatalog_broker_service_plan_count{broker="aws"} 2)");
  expect(R"(runtime_queue_depth{controller="service-instance"} 0)");
  expect(
      R"(servicecatalog_operations_in_flight{age="under_1m",kind="ServiceInstance",operation="Provision"} 1)");
  world.let_pass(minutes(2));
  expect(
      R"(servicecatalog_operations_in_flight{age="under_1m",kind="ServiceInstance",operation="Provision"} 0)");
  expect(
      R"(servicecatalog_operations_in_flight{age="under_10m",kind="ServiceInstance",operation="Provision"} 1)");
  world.let_pass(minutes(70));
  expect(
      R"(servicecatalog_operations_in_flight{age="older",kind="ServiceInstance",operation="Provision"} 1)");
}

}  // namespace
}  // namespace catalog
