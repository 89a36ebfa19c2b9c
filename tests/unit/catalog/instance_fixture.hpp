// A broker whose catalog is known, and what tests of instances ask about them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "world.hpp"

namespace catalog {

using Answer = ScriptedBroker::Answer;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline const Answer in_progress{
    .status = 200, .body = R"({"state":"in progress","description":"LoggingBucket: CREATE_IN_PROGRESS"})"};
inline const Answer succeeded{.body = R"({"state":"succeeded"})"};
inline const Answer accepted{.status = 202, .body = R"({"operation":"stack-1"})"};

// The catalog of World, with one plan and what is merged into its class and that plan.
inline Answer catalog_with(std::string_view class_patch, std::string_view plan_patch) {
  json::object plan =
      patched(parse(R"({"id":"plan-id","name":"production","description":"for keeps"})"), plan_patch);
  json::object service =
      patched(parse(R"({"id":"class-id","name":"s3","description":"buckets","bindable":true,
    "bindings_retrievable":true,"plan_updateable":true})"),
              class_patch);
  service["plans"] = json::array{std::move(plan)};
  return {.body = core::to_text(json::object{{"services", json::array{std::move(service)}}})};
}

class InstanceTest : public testing::Test {
 protected:
  void SetUp() override {
    world.create_broker();
    ASSERT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }));
  }
  // The broker's catalog from now on.
  void offer(const Answer& catalog) {
    world.broker.plan("catalog", {catalog});
    std::size_t before = world.broker.calls("catalog");
    world.edit(resources::cluster_service_brokers, "aws",
               R"({"spec":{"relistRequests":)" + std::to_string(before) + "}}");
    ASSERT_TRUE(world.until([&] { return world.broker.calls("catalog") > before; }));
    world.let_pass(milliseconds(100));
  }
  void make_ready(std::string_view patch = "{}") {
    world.create_instance(patch);
    ASSERT_TRUE(world.until([&] { return ready(); }));
  }
  void edit(std::string_view patch) { world.edit(resources::service_instances, "s3-bucket", patch); }
  // As kubectl annotate does: the generation stays.
  void annotate(std::string_view name, std::string_view value) {
    json::object object = *world.instance_now();
    core::set(object, {"metadata", "annotations", name}, json::string(value));
    world.api.put(World::of(resources::service_instances), std::move(object));
  }
  void remove() { world.remove(resources::service_instances, "s3-bucket"); }
  void put_secret(std::string_view parameters) {
    world.api.put("/api/v1/secrets",
                  parse(R"({"metadata":{"name":"creds","namespace":"s3-demo"},"data":{"json":")" +
                        core::base64_encode(parameters) + "\"}}"));
  }

  [[nodiscard]] bool ready() { return world.reason(world.instance_now()) == "ProvisionedSuccessfully"; }
  [[nodiscard]] bool gone(seconds within = seconds(2)) {
    return world.until([&] { return !world.instance_now(); }, within);
  }
  [[nodiscard]] bool shows(std::string_view reason, milliseconds within = seconds(10)) {
    return world.until([&] { return world.reason(world.instance_now()) == reason; }, within);
  }
  [[nodiscard]] std::string_view status(std::string_view field) {
    return core::find_string(*world.instance_now(), {"status", field});
  }
  [[nodiscard]] json::object sent(std::string_view call) {
    return core::parse_json(world.broker.last(call).body).value().as_object();
  }

  World world;
};

constexpr const char* from_secret =
    R"({"spec":{"parametersFrom":[{"secretKeyRef":{"name":"creds","key":"json"}}]}})";

}  // namespace catalog
