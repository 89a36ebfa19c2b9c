// Polls answered while CloudFormation answers slowly, or not at all.
#include "broker/stack_poller/stack_poller.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "testing/manual_clock.hpp"
#include "tests/unit/broker/fake_cloud.hpp"

namespace broker {
namespace {

using namespace std::chrono_literals;

// Answers after `delay`.
class SlowCloud final : public test::FakeCloud {
 public:
  explicit SlowCloud(async::Clock& clock) : clock_(clock) {}
  async::Task<core::Result<aws::Stack>> describe_stack(std::string stack) override {
    ++calls;
    co_await clock_.sleep_for(delay);
    co_return co_await FakeCloud::describe_stack(std::move(stack));
  }
  async::Task<core::Result<aws::StackPage>> list_stacks_in_progress(std::string token) override {
    ++calls;
    co_await clock_.sleep_for(delay);
    co_return co_await FakeCloud::list_stacks_in_progress(std::move(token));
  }
  std::chrono::milliseconds delay{0};
  int calls = 0;

 private:
  async::Clock& clock_;
};

class PollsOfStacks : public testing::Test {
 protected:
  ~PollsOfStacks() override {
    tasks_.cancel();
    settle();
  }
  void settle() {
    do io_.restart();
    while (io_.poll() > 0);
  }
  void pass(std::chrono::milliseconds duration) {
    clock_.advance(duration);
    settle();
  }
  void make_stacks(int count) {
    for (int number = 0; number < count; ++number) {
      const std::string id = "arn:stack/" + std::to_string(number);
      cloud_.stacks[id] = {.stack = {.id = id, .name = id, .status = "CREATE_IN_PROGRESS"},
                           .polls_left = 1000,
                           .final_status = "CREATE_COMPLETE"};
    }
  }

  struct Poll {
    bool answered = false;
    std::string status;
  };
  async::Task<> ask(int number, Poll& poll) {
    PolledStack question{.placement = {}, .stack = "arn:stack/" + std::to_string(number), .version = 1};
    const auto stack = co_await poller_.poll(std::move(question));
    poll = {.answered = true, .status = stack && *stack ? (*stack)->status : "unknown"};
  }
  Poll& poll(int number) {
    Poll& poll = polls_.emplace_back();
    tasks_.spawn("a poll", ask(number, poll));
    settle();
    return poll;
  }

  boost::asio::io_context io_{1};
  fakes::ManualClock clock_{io_.get_executor()};
  SlowCloud cloud_{clock_};
  async::TaskGroup tasks_{io_.get_executor()};
  StackPoller poller_{cloud_, clock_, io_.get_executor(), tasks_};
  std::list<Poll> polls_;
};

TEST_F(PollsOfStacks, wait_for_cloudformation_where_one_instance_is_in_progress) {
  make_stacks(1);
  cloud_.delay = 150ms;
  Poll& first = poll(0);
  EXPECT_FALSE(first.answered);
  pass(150ms);
  EXPECT_TRUE(first.answered);
  EXPECT_EQ(first.status, "CREATE_IN_PROGRESS");
  EXPECT_TRUE(poll(0).answered) << "from memory";
  cloud_.stacks.begin()->second.polls_left = 0;
  pass(60s);
  Poll& later = poll(0);
  pass(150ms);
  EXPECT_EQ(later.status, "CREATE_COMPLETE") << "a rare poll, too, learns what is true now";
}

TEST_F(PollsOfStacks, are_answered_from_memory_where_cloudformation_is_slower_than_a_poll_may_be) {
  make_stacks(10);
  cloud_.delay = 2s;
  std::vector<Poll*> asked;
  for (int number = 0; number < 10; ++number) asked.push_back(&poll(number));
  pass(1s);
  for (const Poll* each : asked) EXPECT_TRUE(each->answered);
  for (int answer = 0; answer < 5; ++answer) pass(2s);
  Poll& later = poll(3);
  pass(40ms);
  EXPECT_TRUE(later.answered);
  EXPECT_EQ(later.status, "CREATE_IN_PROGRESS");
  EXPECT_LE(cloud_.calls, 8);
}

TEST_F(PollsOfStacks, wait_but_a_moment_where_many_come_at_once_the_first_ones_too) {
  make_stacks(10);
  cloud_.delay = 2s;
  std::vector<Poll*> asked;
  for (int number = 0; number < 10; ++number) asked.push_back(&poll(number));
  pass(40ms);
  for (const Poll* each : asked) EXPECT_TRUE(each->answered);
}

TEST_F(PollsOfStacks, are_answered_many_with_one_call) {
  make_stacks(50);
  for (int number = 0; number < 50; ++number) poll(number);
  const int before = cloud_.calls;
  pass(1s);
  EXPECT_LE(cloud_.calls, before + 1);
  for (int number = 0; number < 50; ++number) EXPECT_EQ(poll(number).status, "CREATE_IN_PROGRESS");
}

}  // namespace
}  // namespace broker
