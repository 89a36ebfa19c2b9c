// What follows from the record of an update and the state of the stack.
#include "broker/operations/update_step.hpp"

#include <gtest/gtest.h>

namespace broker {
namespace {

struct Case {
  const char* status;
  UpdateStep step;
};

UpdateStep step_of(const PendingUpdate& update, const char* status, const char* last_updated = "now") {
  return next_update_step(update, aws::Stack{.id = {},
                                             .name = {},
                                             .status = status,
                                             .status_reason = {},
                                             .last_updated = last_updated,
                                             .outputs = {},
                                             .tags = {},
                                             .parameters = {}});
}

TEST(UpdateStep, sends_what_was_not_accepted_yet_as_soon_as_the_stack_is_at_rest) {
  for (const Case& each :
       {Case{"CREATE_COMPLETE", UpdateStep::send}, Case{"UPDATE_COMPLETE", UpdateStep::send},
        Case{"UPDATE_ROLLBACK_COMPLETE", UpdateStep::send}, Case{"UPDATE_IN_PROGRESS", UpdateStep::wait},
        Case{"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", UpdateStep::wait},
        Case{"UPDATE_ROLLBACK_IN_PROGRESS", UpdateStep::wait},
        Case{"UPDATE_ROLLBACK_FAILED", UpdateStep::continue_rollback},
        Case{"DELETE_IN_PROGRESS", UpdateStep::lost}, Case{"DELETE_COMPLETE", UpdateStep::lost}}) {
    EXPECT_EQ(step_of({}, each.status), each.step) << each.status;
  }
  EXPECT_EQ(next_update_step({}, std::nullopt), UpdateStep::lost);
}

TEST(UpdateStep, continues_a_rollback_only_once) {
  EXPECT_EQ(step_of({.rollback_continued = true}, "UPDATE_ROLLBACK_FAILED"), UpdateStep::stuck);
  EXPECT_EQ(step_of({.rollback_continued = true}, "UPDATE_ROLLBACK_COMPLETE"), UpdateStep::send);
}

TEST(UpdateStep, judges_what_was_accepted_by_how_the_stack_came_to_rest) {
  const PendingUpdate update{.accepted = true, .last_updated = "before"};
  for (const Case& each :
       {Case{"UPDATE_IN_PROGRESS", UpdateStep::wait}, Case{"UPDATE_ROLLBACK_IN_PROGRESS", UpdateStep::wait},
        Case{"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", UpdateStep::wait},
        Case{"UPDATE_COMPLETE", UpdateStep::commit}, Case{"UPDATE_ROLLBACK_COMPLETE", UpdateStep::undone},
        Case{"UPDATE_ROLLBACK_FAILED", UpdateStep::stuck}, Case{"UPDATE_FAILED", UpdateStep::stuck},
        Case{"DELETE_FAILED", UpdateStep::lost}}) {
    EXPECT_EQ(step_of(update, each.status), each.step) << each.status;
  }
}

TEST(UpdateStep, takes_no_older_answer_for_this_updates_outcome) {
  const PendingUpdate update{.accepted = true, .last_updated = "before"};
  EXPECT_EQ(step_of(update, "UPDATE_COMPLETE", "before"), UpdateStep::wait);
  EXPECT_EQ(step_of({.accepted = true}, "CREATE_COMPLETE", ""), UpdateStep::wait);
}

}  // namespace
}  // namespace broker
