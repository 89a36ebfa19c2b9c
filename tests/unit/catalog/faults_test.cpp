// Every fault at every request of the whole life of an instance and its binding: in the end one of everything
// while they live, and nothing after they are deleted.
#include <gtest/gtest.h>

#include "world.hpp"

namespace catalog {
namespace {

using Answer = ScriptedBroker::Answer;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Things = std::set<std::string>;

const Answer accepted{.status = 202, .body = R"({"operation":"stack-1"})"};
const Answer in_progress{.body = R"({"state":"in progress"})"};
const Answer succeeded{.body = R"({"state":"succeeded"})"};

class Faults : public testing::Test {
 protected:
  // A creation that takes a while, so that polls are met, too.
  static void expect_one_instance(World& world) {
    world.broker.plan("provision", {accepted});
    world.broker.plan("last_operation", {in_progress, succeeded});
    world.create_broker();
    world.create_instance();
    ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "ProvisionedSuccessfully"; },
                            minutes(3)))
        << core::to_text(*world.instance_now());
    EXPECT_EQ(world.broker.things(), Things{"instance-id"});
  }
  static void expect_one_binding(World& world) {
    world.create_binding();
    ASSERT_TRUE(
        world.until([&] { return world.reason(world.binding_now()) == "InjectedBindResult"; }, minutes(3)))
        << core::to_text(*world.binding_now());
    ASSERT_NE(world.secret_now(), nullptr);
    EXPECT_EQ(core::find_string(*world.secret_now(), {"data", "BUCKET_NAME"}), "dGhlLWJ1Y2tldA==");
    EXPECT_EQ(world.broker.things(), (Things{"instance-id", "instance-id/binding-id"}));
  }
  static void expect_an_update(World& world) {
    world.edit(resources::service_instances, "s3-bucket", R"({"spec":{"parameters":{"Size":3}}})");
    ASSERT_TRUE(world.until(
        [&] {
          return world.reason(world.instance_now()) == "InstanceUpdatedSuccessfully" &&
                 core::find_int(*world.instance_now(), {"status", "reconciledGeneration"}) ==
                     kube::generation_of(*world.instance_now());
        },
        minutes(3)))
        << core::to_text(*world.instance_now());
    EXPECT_NE(world.broker.last("update").body.find("Size"), std::string::npos);
  }
  static void expect_nothing_left(World& world) {
    world.broker.plan("deprovision", {accepted});
    world.broker.plan("last_operation", {in_progress, succeeded});
    world.remove(resources::service_bindings, "s3-binding");
    world.remove(resources::service_instances, "s3-bucket");
    ASSERT_TRUE(world.until([&] { return !world.binding_now() && !world.instance_now(); }, minutes(3)));
    EXPECT_EQ(world.broker.things(), Things());
    EXPECT_EQ(world.secret_now(), nullptr);
    world.remove(resources::cluster_service_brokers, "aws");
    ASSERT_TRUE(world.until([&] { return !world.broker_now(); }, minutes(3)));
    EXPECT_EQ(world.api.count(World::of(resources::cluster_service_classes)), 0U);
    EXPECT_EQ(world.api.count(World::of(resources::cluster_service_plans)), 0U);
  }

  // arm: lets the request of that number meet what it is tested with.
  static void everywhere(const std::function<void(World&, int)>& arm) {
    int number = 0;
    for (bool met = true; met && !HasFailure(); ++number) {
      SCOPED_TRACE("at request " + std::to_string(number));
      World world;
      arm(world, number);
      expect_one_instance(world);
      if (HasFatalFailure()) return;
      expect_one_binding(world);
      if (HasFatalFailure()) return;
      expect_an_update(world);
      if (HasFatalFailure()) return;
      expect_nothing_left(world);
      met = world.faults.met();
    }
    EXPECT_GT(number, 25) << "the loop must have met the requests of every operation";
  }
  static void with_fault(Fault fault) {
    everywhere([fault](World& world, int number) { world.faults.at(number, fault); });
  }
  static void with(const std::function<void(World&)>& event) {
    everywhere([&event](World& world, int number) {
      world.faults.before(number, [&world, &event] { event(world); });
    });
  }
};

TEST_F(Faults, a_crash_before_any_request_is_made_good_after_the_restart) {
  with_fault(Fault::crash_before);
}

TEST_F(Faults, a_crash_after_any_request_is_made_good_after_the_restart) {
  with_fault(Fault::crash_after);
}

TEST_F(Faults, a_request_that_is_not_sent_is_made_good) {
  with_fault(Fault::unavailable);
}

TEST_F(Faults, an_answer_that_is_lost_is_made_good) {
  with_fault(Fault::lost);
}

TEST_F(Faults, a_conflict_and_an_error_of_the_broker_are_made_good) {
  with_fault(Fault::refused);
}

TEST_F(Faults, a_right_that_is_missing_for_a_moment_is_made_good_before_the_next_resync) {
  with_fault(Fault::forbidden);
}

TEST_F(Faults, watches_that_tell_late_are_made_good) {
  with([](World& world) { world.tell_late(seconds(3)); });
}

TEST_F(Faults, crashes_are_made_good_while_watches_tell_late) {
  everywhere([](World& world, int number) {
    world.tell_late(milliseconds(700));
    world.faults.at(number, Fault::crash_after);
  });
}

TEST_F(Faults, nothing_is_made_or_removed_twice_because_watches_tell_late) {
  for (milliseconds late : {milliseconds(1), milliseconds(700), milliseconds(20'000)}) {
    SCOPED_TRACE(late.count());
    World world;
    world.tell_late(late);
    expect_one_instance(world);
    expect_one_binding(world);
    expect_an_update(world);
    expect_nothing_left(world);
    EXPECT_EQ(world.broker.story(),
              "provision last_operation last_operation bind update unbind deprovision last_operation "
              "last_operation");
  }
}

TEST_F(Faults, lost_watches_are_made_good) {
  with([](World& world) { world.api.break_watches(); });
}

TEST_F(Faults, watches_whose_version_is_gone_are_made_good) {
  with([](World& world) {
    world.api.break_watches();
    world.api.compact();
  });
}

TEST_F(Faults, an_api_server_that_is_away_is_made_good) {
  with([](World& world) {
    world.api.break_watches();
    world.api.fail_next({.kind = core::ErrorKind::unavailable, .message = "connection refused"}, 30);
  });
}

// As where the controllers' rights come after the controllers, or a webhook of others refuses what they
// write.
TEST(RefusedWrites, are_told_on_the_object_and_tried_again_long_before_the_resync) {
  const core::Error forbidden{
      .kind = core::ErrorKind::forbidden, .message = "may not patch status", .http_status = 403};
  const core::Error invalid{
      .kind = core::ErrorKind::unprocessable, .message = "status is invalid", .http_status = 422};
  for (const core::Error& error : {forbidden, invalid}) {
    SCOPED_TRACE(error.message);
    World world;
    world.create_broker();
    ASSERT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }));
    for (int i = 0; i < 6; ++i) world.api.fail_next_of("/serviceinstances/s3-bucket/status", error);
    world.create_instance();
    world.let_pass(seconds(1));
    EXPECT_EQ(world.broker.calls("provision"), 0U) << "what cannot be written down first is not done";
    EXPECT_TRUE(world.has_event("ErrorReconciling"));
    EXPECT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "ProvisionedSuccessfully"; },
                            seconds(20)));
    EXPECT_EQ(world.broker.calls("provision"), 1U);
  }
}

}  // namespace
}  // namespace catalog
