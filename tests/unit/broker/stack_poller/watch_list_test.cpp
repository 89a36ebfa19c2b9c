// Which call of CloudFormation comes next, and what polls are told meanwhile. Against a small model of
// CloudFormation, with time that is moved by hand.
#include "broker/stack_poller/watch_list.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using namespace std::chrono_literals;
using core::ErrorKind;
using testing::SizeIs;
using Kind = StackCall::Kind;

std::string stack_number(int number) {
  return "arn:stack/" + std::to_string(number);
}

class WatchedStacks : public testing::Test {
 protected:
  using TimePoint = WatchList::TimePoint;
  struct Made {
    Kind kind;
    TimePoint when;
  };

  void poll(int number, std::int64_t version = 1) { list_.polled(stack_number(number), version, now_); }
  void poll_all() {
    for (const auto& [stack, status] : status_) list_.polled(stack, 1, now_);
  }

  // What CloudFormation answers; 100 stacks a page.
  [[nodiscard]] core::Result<aws::StackPage> page(const std::string& token) const {
    if (listing_error_) return core::fail(*listing_error_);
    const std::size_t begin = token.empty() ? 0 : std::stoul(token);
    const std::size_t end = begin + 100;
    aws::StackPage page;
    std::size_t index = 0;
    for (const auto& [stack, status] : status_) {
      if (!status.ends_with("_IN_PROGRESS")) continue;
      if (index >= begin && index < end) page.stacks.push_back({.id = stack, .status = status});
      ++index;
    }
    if (index > end) page.next_token = std::to_string(end);
    return page;
  }
  [[nodiscard]] core::Result<aws::Stack> description(const std::string& stack) const {
    if (describe_error_) return core::fail(*describe_error_);
    return aws::Stack{.id = stack, .status = status_.at(stack)};
  }
  void answer(const StackCall& call) {
    made_.push_back({.kind = call.kind, .when = now_});
    if (call.kind == Kind::list) {
      list_.listed(page(call.argument), now_, now_);
    } else if (call.kind == Kind::describe) {
      list_.described(call.argument, description(call.argument), now_, now_);
    } else {
      std::vector<aws::StackResource> resources{{.logical_id = "Bucket"}};
      list_.resources_read(call.argument, std::move(resources), now_, now_);
    }
  }
  // Lets time pass in steps; every stack is polled at each step where that is asked for.
  void pass(std::chrono::milliseconds duration, bool polling = false) {
    for (const TimePoint end = now_ + duration; now_ < end; now_ += step_) {
      if (polling) poll_all();
      while (const auto call = list_.next(now_).call) answer(*call);
    }
  }
  [[nodiscard]] std::size_t calls(Kind kind) const {
    return static_cast<std::size_t>(std::ranges::count(made_, kind, &Made::kind));
  }
  [[nodiscard]] std::string known(int number) {
    const auto stack = list_.take(stack_number(number));
    return stack && *stack ? (*stack)->status : "unknown";
  }
  void in_progress(int count) {
    for (int number = 0; number < count; ++number) status_[stack_number(number)] = "CREATE_IN_PROGRESS";
  }

  std::chrono::milliseconds step_{50};
  TimePoint now_{1000h};
  WatchList list_{{.calls_per_second = 5, .burst = 5}, now_};
  std::map<std::string, std::string> status_;
  std::optional<core::Error> listing_error_, describe_error_;
  std::vector<Made> made_;
};

TEST_F(WatchedStacks, cost_nothing_where_nobody_polls) {
  const auto decision = list_.next(now_);
  EXPECT_FALSE(decision.call);
  EXPECT_EQ(decision.when, TimePoint::max());
}

TEST_F(WatchedStacks, are_asked_for_at_once_where_there_is_one_and_its_poll_waits) {
  in_progress(1);
  poll(0);
  EXPECT_TRUE(list_.is_due(stack_number(0), now_));
  EXPECT_EQ(list_.patience(), 1s);
  const auto decision = list_.next(now_);
  ASSERT_TRUE(decision.call);
  EXPECT_EQ(decision.call->kind, Kind::describe);
  EXPECT_EQ(decision.call->argument, stack_number(0));
  answer(*decision.call);
  EXPECT_EQ(known(0), "CREATE_IN_PROGRESS");
  EXPECT_FALSE(list_.is_due(stack_number(0), now_)) << "that was just now";
}

TEST_F(WatchedStacks, are_known_to_have_ended_within_a_quarter_of_a_second_where_there_is_one) {
  in_progress(1);
  pass(10s, true);
  status_[stack_number(0)] = "CREATE_COMPLETE";
  pass(300ms, true);
  EXPECT_EQ(known(0), "CREATE_COMPLETE");
  EXPECT_LE(made_.size(), 5U * 11);
  EXPECT_GE(calls(Kind::resources), 6U) << "its progress is read meanwhile";
}

TEST_F(WatchedStacks, are_swept_where_they_are_many_and_asked_for_singly_where_a_sweep_misses_them) {
  in_progress(20);
  pass(3s, true);
  EXPECT_EQ(calls(Kind::describe), 0U);
  EXPECT_GE(calls(Kind::list), 5U);
  status_[stack_number(7)] = "ROLLBACK_COMPLETE";
  pass(800ms, true);
  EXPECT_EQ(calls(Kind::describe), 1U);
  EXPECT_EQ(known(7), "ROLLBACK_COMPLETE");
  EXPECT_EQ(known(8), "CREATE_IN_PROGRESS");
}

TEST_F(WatchedStacks, cost_five_calls_a_second_for_a_thousand_and_each_is_known_within_seconds) {
  in_progress(1000);
  step_ = 250ms;
  pass(4s, true);
  for (int number = 0; number < 1000; ++number) ASSERT_EQ(known(number), "CREATE_IN_PROGRESS") << number;
  pass(16s, true);
  EXPECT_LE(made_.size(), 5U * 20 + 5);
  EXPECT_GE(calls(Kind::list), 45U) << "a sweep of ten pages every four seconds";
  EXPECT_GE(calls(Kind::resources), 35U) << "the other half goes to progress";
  status_[stack_number(500)] = "CREATE_COMPLETE";
  pass(7s, true);
  EXPECT_EQ(known(500), "CREATE_COMPLETE");
}

TEST_F(WatchedStacks, let_no_poll_wait_whose_call_has_to_wait_for_its_turn) {
  in_progress(1000);
  poll_all();
  for (int elapsed = 0; elapsed < 50; ++elapsed) {
    pass(100ms);
    poll_all();
    ASSERT_LE(list_.patience(), 40ms);
  }
}

TEST_F(WatchedStacks,
       are_asked_for_every_five_seconds_where_polls_are_rare_and_no_more_where_there_are_none) {
  in_progress(5);
  poll_all();
  pass(60s);
  EXPECT_GE(calls(Kind::list), 11U);
  EXPECT_LE(calls(Kind::list), 14U);
  pass(10min);
  const std::size_t before = made_.size();
  pass(1min);
  EXPECT_EQ(made_.size(), before);
  EXPECT_EQ(list_.size(), 0U);
  poll(1);
  pass(100ms);
  EXPECT_EQ(known(1), "CREATE_IN_PROGRESS") << "a poll begins it again";
}

TEST_F(WatchedStacks, tell_their_end_once_and_are_asked_for_no_more_until_then) {
  status_[stack_number(0)] = "DELETE_COMPLETE";
  poll(0);
  pass(1min);
  EXPECT_THAT(made_, SizeIs(1));
  EXPECT_EQ(known(0), "DELETE_COMPLETE");
  EXPECT_EQ(known(0), "unknown");
}

TEST_F(WatchedStacks, are_no_more_for_those_that_have_ended) {
  for (int number = 0; number < 5; ++number) status_[stack_number(number)] = "CREATE_COMPLETE";
  poll_all();
  pass(5s);
  in_progress(1);
  made_.clear();
  poll(0, 2);
  EXPECT_TRUE(list_.is_due(stack_number(0), now_));
  EXPECT_EQ(list_.patience(), 1s);
  pass(1s);
  EXPECT_EQ(calls(Kind::list), 0U) << "one stack is asked for singly";
}

TEST_F(WatchedStacks, are_unknown_again_when_the_record_has_changed) {
  status_[stack_number(0)] = "CREATE_COMPLETE";
  poll(0, 1);
  const auto asked = list_.next(now_);
  ASSERT_TRUE(asked.call);
  const TimePoint sent = now_;
  now_ += 100ms;
  poll(0, 2);  // an update begins
  list_.described(stack_number(0), aws::Stack{.status = "CREATE_COMPLETE"}, sent, now_);
  EXPECT_EQ(known(0), "unknown") << "that answer is of before the update";
  status_[stack_number(0)] = "UPDATE_IN_PROGRESS";
  pass(100ms);
  EXPECT_EQ(known(0), "UPDATE_IN_PROGRESS");
}

TEST_F(WatchedStacks, stay_as_they_were_while_cloudformation_throttles_and_are_asked_for_less_often) {
  in_progress(1);
  pass(1s, true);
  made_.clear();
  describe_error_ = core::Error{.kind = ErrorKind::throttled, .message = "Rate exceeded"};
  pass(1min, true);
  EXPECT_EQ(known(0), "CREATE_IN_PROGRESS");
  EXPECT_LE(made_.size(), 40U);
  describe_error_.reset();
  pass(1min, true);
  made_.clear();
  pass(10s, true);
  EXPECT_GE(made_.size(), 40U) << "it has found back";
}

TEST_F(WatchedStacks, tell_other_errors_once) {
  describe_error_ = core::Error{.kind = ErrorKind::forbidden, .message = "not authorized"};
  poll(0);
  pass(100ms);
  const auto told = list_.take(stack_number(0));
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().kind, ErrorKind::forbidden);
  EXPECT_EQ(known(0), "unknown");
}

TEST_F(WatchedStacks, are_asked_for_one_by_one_where_listing_is_refused) {
  listing_error_ = core::Error{.kind = ErrorKind::forbidden, .message = "not authorized"};
  in_progress(10);
  pass(5s, true);
  EXPECT_EQ(calls(Kind::list), 1U);
  for (int number = 0; number < 10; ++number) EXPECT_EQ(known(number), "CREATE_IN_PROGRESS") << number;
}

class Outage : public WatchedStacks, public testing::WithParamInterface<ErrorKind> {};
INSTANTIATE_TEST_SUITE_P(, Outage, testing::Values(ErrorKind::unavailable, ErrorKind::unauthenticated),
                         [](const auto& kind) { return std::string(core::to_string(kind.param)); });

TEST_P(Outage, ends_a_sweep_and_is_followed_by_others) {
  in_progress(150);
  listing_error_ = core::Error{.kind = GetParam(), .message = "no answer"};
  pass(2s, true);
  EXPECT_EQ(known(0), "unknown");
  listing_error_.reset();
  pass(2s, true);
  EXPECT_EQ(known(0), "CREATE_IN_PROGRESS");
  EXPECT_EQ(known(149), "CREATE_IN_PROGRESS");
  EXPECT_EQ(calls(Kind::describe), 0U);
}

}  // namespace
}  // namespace broker
