// What a stack's status and events mean for an operation on the instance.
#include "broker/operations/stack_state.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "broker/operations/recent.hpp"
#include "testing/manual_clock.hpp"

namespace broker {
namespace {

using osb::OperationState;

TEST(StackState, of_a_creation_has_failed_only_where_the_stack_was_never_whole) {
  const struct {
    const char* status;
    OperationState state;
  } table[] = {
      {"CREATE_COMPLETE", OperationState::succeeded},
      {"UPDATE_COMPLETE", OperationState::succeeded},
      {"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", OperationState::succeeded},
      {"UPDATE_ROLLBACK_COMPLETE", OperationState::succeeded},
      {"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", OperationState::succeeded},
      {"UPDATE_FAILED", OperationState::succeeded},
      {"UPDATE_ROLLBACK_FAILED", OperationState::succeeded},
      {"IMPORT_COMPLETE", OperationState::succeeded},
      {"IMPORT_ROLLBACK_COMPLETE", OperationState::succeeded},
      {"CREATE_IN_PROGRESS", OperationState::in_progress},
      {"UPDATE_IN_PROGRESS", OperationState::in_progress},
      {"UPDATE_ROLLBACK_IN_PROGRESS", OperationState::in_progress},
      {"IMPORT_IN_PROGRESS", OperationState::in_progress},
      {"IMPORT_ROLLBACK_IN_PROGRESS", OperationState::in_progress},
      {"REVIEW_IN_PROGRESS", OperationState::failed},
      {"CREATE_FAILED", OperationState::failed},
      {"DELETE_FAILED", OperationState::failed},
      {"ROLLBACK_IN_PROGRESS", OperationState::failed},
      {"ROLLBACK_COMPLETE", OperationState::failed},
      {"ROLLBACK_FAILED", OperationState::failed},
      {"", OperationState::failed},
  };
  for (const auto& each : table) EXPECT_EQ(creation_state_of(each.status), each.state) << each.status;
}

aws::StackEvent event(std::string resource, std::string status, std::string reason,
                      std::string type = "AWS::S3::Bucket") {
  return {.id = {},
          .logical_id = std::move(resource),
          .resource_type = std::move(type),
          .status = std::move(status),
          .reason = std::move(reason),
          .client_request_token = {}};
}

TEST(FailureReasons, name_the_first_cause_first_and_leave_out_what_it_cancelled) {
  EXPECT_EQ(failure_reasons({
                event("Stack", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create",
                      "AWS::CloudFormation::Stack"),
                event("Stack", "CREATE_FAILED", "of the stack", "AWS::CloudFormation::Stack"),
                event("C", "CREATE_FAILED", "Resource creation cancelled"),
                event("D", "DELETE_FAILED", "Resource deletion cancelled."),
                event("B", "CREATE_FAILED", "no quota"),
                event("E", "CREATE_FAILED", ""),
                event("A", "CREATE_COMPLETE", "fine"),
                event("A", "CREATE_FAILED", "name is taken"),
            }),
            "A: name is taken; B: no quota");
  EXPECT_EQ(failure_reasons({}), "");
}

TEST(FailureReasons, are_of_bounded_length_and_keep_the_first_cause) {
  std::vector<aws::StackEvent> newest_first;
  for (int i = 0; i < 100; ++i) newest_first.push_back(event("R", "CREATE_FAILED", std::string(100, 'x')));
  EXPECT_LE(failure_reasons(newest_first).size(), 1000U);
  EXPECT_GT(failure_reasons(newest_first).size(), 800U);
  const std::string long_one = failure_reasons({event("R", "CREATE_FAILED", std::string(5000, 'x'))});
  EXPECT_TRUE(long_one.starts_with("R: xxx"));
  EXPECT_LE(long_one.size(), 1000U);
  std::string two_bytes_each;
  for (int i = 0; i < 1000; ++i) two_bytes_each += "\u00f6";
  for (const char* name : {"R", "RR"}) {
    const std::string cut = failure_reasons({event(name, "CREATE_FAILED", two_bytes_each)});
    EXPECT_TRUE(cut.ends_with("\u00f6...")) << "a character is not cut in two";
  }
}

TEST(StackFailure, is_the_stacks_own_reason) {
  EXPECT_EQ(stack_failure({event("S", "CREATE_FAILED", "later", "AWS::CloudFormation::Stack"),
                           event("B", "CREATE_FAILED", "a resource"),
                           event("S", "CREATE_FAILED", "first", "AWS::CloudFormation::Stack")}),
            "first");
  EXPECT_EQ(stack_failure({event("B", "CREATE_FAILED", "a resource")}), "");
}

TEST(ProgressText, counts_what_is_made_and_names_some_of_what_is_under_way) {
  std::vector<aws::StackResource> resources;
  EXPECT_EQ(progress_text(resources, 7), "0 of 7 resources created");
  for (const char* id : {"A", "B", "C", "D"}) {
    resources.push_back({.logical_id = id, .physical_id = {}, .type = {}, .status = "CREATE_IN_PROGRESS"});
  }
  resources.push_back({.logical_id = "E", .physical_id = {}, .type = {}, .status = "CREATE_COMPLETE"});
  EXPECT_EQ(progress_text(resources, 7), "1 of 7 resources created; creating A, B, C");
}

TEST(UpdateProgressText, counts_what_has_changed_since_the_update_began_and_names_some_of_what_is_under_way) {
  const auto resource = [](const char* name, const char* status, const char* changed) {
    return aws::StackResource{
        .logical_id = name, .physical_id = {}, .type = {}, .status = status, .changed = changed};
  };
  const std::vector<aws::StackResource> resources{
      resource("Untouched", "CREATE_COMPLETE", "2026-01-31T09:59:59Z"),
      resource("Updated", "UPDATE_COMPLETE", "2026-01-31T10:00:00Z"),
      resource("Added", "CREATE_COMPLETE", "2026-01-31T10:00:05.123Z"),
      resource("A", "UPDATE_IN_PROGRESS", "2026-01-31T10:00:06Z"),
      resource("B", "CREATE_IN_PROGRESS", "2026-01-31T10:00:06Z"),
      resource("C", "UPDATE_IN_PROGRESS", "2026-01-31T10:00:06Z"),
      resource("D", "UPDATE_IN_PROGRESS", "2026-01-31T10:00:06Z"),
      resource("Failed", "UPDATE_FAILED", "2026-01-31T10:00:07Z")};
  EXPECT_EQ(update_progress_text(resources, "2026-01-31T10:00:00Z"),
            "2 of 8 resources updated; updating A, B, C");
  EXPECT_EQ(update_progress_text(resources, ""), "0 of 8 resources updated; updating A, B, C")
      << "CloudFormation has not said when";
  EXPECT_EQ(update_progress_text({}, "2026-01-31T10:00:00Z"), "0 of 0 resources updated");
}

TEST(Recent, is_given_again_for_a_second_and_then_read_anew) {
  boost::asio::io_context io;
  fakes::ManualClock clock(io.get_executor());
  Recent<std::string> progress(clock, std::chrono::seconds(1));
  EXPECT_EQ(progress.find("i1"), std::nullopt);
  progress.put("i1", "half");
  EXPECT_EQ(progress.find("i1"), "half");
  EXPECT_EQ(progress.find("i2"), std::nullopt);
  clock.advance(std::chrono::milliseconds(999));
  EXPECT_EQ(progress.find("i1"), "half");
  clock.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(progress.find("i1"), std::nullopt);
  progress.put("i1", "more");
  progress.forget("i1");
  EXPECT_EQ(progress.find("i1"), std::nullopt);
}

TEST(PollAgainAfter, is_a_tenth_of_the_time_so_far_where_that_is_whole_seconds) {
  using namespace std::chrono_literals;
  const struct {
    std::chrono::milliseconds running;
    std::optional<std::chrono::seconds> pause;
  } rows[] = {{0ms, std::nullopt}, {9'999ms, std::nullopt}, {10s, 1s}, {125s, 12s}, {1h, 30s}};
  for (const auto& row : rows) EXPECT_EQ(poll_again_after(row.running), row.pause) << row.running.count();
}

}  // namespace
}  // namespace broker
