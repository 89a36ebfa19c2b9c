// Asynchronous operations: when the broker is asked, how long, and what users see meanwhile.
#include "catalog/api/conditions.hpp"
#include "catalog/controllers/poll_schedule.hpp"
#include "instance_fixture.hpp"

namespace catalog {
namespace {

using InstancePolling = InstanceTest;

TEST_F(InstancePolling, shows_progress_in_the_status_column_and_no_more_often_than_is_worth_a_write) {
  world.broker.plan("provision", {accepted});
  world.broker.plan("last_operation",
                    {{.body = R"({"state":"in progress","description":"3 of 7 resources created"})"}});
  world.create_instance();
  ASSERT_TRUE(
      world.until([&] { return status("lastConditionState") == "Provisioning (3 of 7 resources created)"; }));
  EXPECT_EQ(world.message(world.instance_now(), "Progressing"), "3 of 7 resources created");
  EXPECT_TRUE(world.has_event("Provisioning"));
  std::size_t writes = world.writes("serviceinstances");
  world.let_pass(minutes(1));
  EXPECT_EQ(world.writes("serviceinstances"), writes);
  world.broker.plan("last_operation",
                    {{.body = R"({"state":"in progress","description":"4 of 7 resources created"})"}});
  ASSERT_TRUE(
      world.until([&] { return status("lastConditionState") == "Provisioning (4 of 7 resources created)"; }));
  world.broker.plan("last_operation", {succeeded});
  ASSERT_TRUE(world.until([&] { return ready(); }, seconds(20)));
  EXPECT_EQ(status("lastConditionState"), "Ready");
  EXPECT_EQ(world.reason(world.instance_now(), "Progressing"), "");
}

TEST_F(InstancePolling, waits_as_long_as_an_accepted_request_says) {
  Answer patient = accepted;
  patient.headers.set("Retry-After", "30");
  world.broker.plan("provision", {patient});
  world.create_instance();
  ASSERT_TRUE(shows("Provisioning"));
  world.let_pass(seconds(29));
  EXPECT_EQ(world.broker.calls("last_operation"), 0U);
  EXPECT_TRUE(world.until([&] { return ready(); }, seconds(2)));
}

TEST_F(InstancePolling, ends_at_the_plans_limit_and_cleans_up_after_a_creation) {
  offer(catalog_with("{}", R"({"maximum_polling_duration":60})"));
  world.broker.plan("provision", {accepted});
  world.broker.plan("last_operation", {in_progress});
  world.create_instance();
  ASSERT_TRUE(shows("OrphanMitigationSuccessful", seconds(80)));
  EXPECT_EQ(world.reason(world.instance_now(), "Failed"), "AsyncOperationTimeout");
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
}

// Its records were lost, or a deletion of an earlier try came late.
TEST_F(InstancePolling, provisions_again_what_the_broker_does_not_know_any_more) {
  world.broker.plan("provision", {accepted, {.status = 201}});
  world.broker.plan("last_operation", {in_progress, {.status = 404}});
  world.broker.plan("deprovision", {{.status = 410}});
  world.create_instance();
  ASSERT_TRUE(shows("ErrorPollingLastOperation"));
  world.let_pass(minutes(10));
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
  ASSERT_TRUE(world.until([&] { return ready(); }, minutes(15)));
  EXPECT_EQ(world.broker.calls("provision"), 2U);
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
}

TEST_F(InstancePolling, ends_an_update_at_the_plans_limit_and_leaves_the_instance) {
  offer(catalog_with("{}", R"({"maximum_polling_duration":60})"));
  make_ready();
  world.broker.plan("update", {accepted});
  world.broker.plan("last_operation", {in_progress});
  edit(R"({"spec":{"updateRequests":1}})");
  ASSERT_TRUE(shows("UpdateInstanceCallFailed", seconds(80)));
  EXPECT_EQ(world.reason(world.instance_now(), "Failed"), "AsyncOperationTimeout");
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
}

TEST_F(InstancePolling, goes_on_when_a_creation_under_way_is_said_to_be_gone) {
  world.broker.plan("provision", {accepted});
  world.broker.plan("last_operation", {{.status = 410}, {.status = 410}, succeeded});
  world.create_instance();
  EXPECT_TRUE(world.until([&] { return ready(); }));
  EXPECT_EQ(world.broker.calls("last_operation"), 3U);
}

// Lengths from a second to half a day, whatever the broker's own time; with the longest wait that is usual.
TEST(PollSchedule, reports_an_end_within_a_tenth_of_the_length_or_two_seconds) {
  boost::asio::io_context io;
  for (auto length = milliseconds(1000); length <= hours(12); length = length * 11 / 10) {
    fakes::ManualClock clock(io.get_executor());
    PollSchedule polls(clock, minutes(20));
    milliseconds passed(0);
    std::size_t count = 0;
    while (passed < length) {
      milliseconds wait = polls.next({"n", "i"}, std::nullopt, std::nullopt);
      clock.advance(wait);
      passed += wait;
      ++count;
    }
    EXPECT_LE(passed - length, std::max<milliseconds>(length / 10, seconds(2))) << length.count() << " ms";
    EXPECT_LT(count, 150U) << length.count() << " ms";
  }
}

// The same for a controller that starts in the middle of the operation.
TEST(PollSchedule, keeps_to_its_word_across_a_restart) {
  boost::asio::io_context io;
  fakes::ManualClock clock(io.get_executor());
  core::SystemTime begun = clock.system_now();
  clock.advance(hours(2));
  PollSchedule polls(clock, minutes(20));
  milliseconds wait = polls.next({"n", "i"}, begun, std::nullopt);
  EXPECT_LE(wait, minutes(12));
  EXPECT_GT(wait, minutes(11));
}

}  // namespace
}  // namespace catalog
