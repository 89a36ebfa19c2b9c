// Tasks with an owner.
#include "async/task_group.hpp"

#include <boost/asio/this_coro.hpp>

#include "async/event.hpp"
#include "loop.hpp"

namespace async {
namespace {

class Group : public Loop {
 protected:
  void TearDown() override {
    on_loop([this] { group_.cancel(); });
    Loop::TearDown();
  }
  Task<> wait(std::string name) {
    log_ += name + "+ ";
    try {
      co_await event_.wait();
    } catch (...) {
      log_ += name + "cancelled ";
      throw;
    }
    log_ += name + "- ";
  }
  Task<> fail() {
    co_await event_.wait();
    throw std::runtime_error("broken");
  }
  // Its clean-up takes time although it is cancelled.
  Task<> end_slowly() {
    bool aborted = false;
    try {
      co_await event_.wait();
    } catch (...) {
      aborted = true;
    }
    if (!aborted) co_return;
    co_await asio::this_coro::reset_cancellation_state();
    co_await clock_.sleep_for(1s);
    log_ += "cleaned ";
  }
  Task<> spawn_another() {
    co_await event_.wait();
    group_.spawn("child", wait("child"));
  }

  std::string log_;
  Event event_{io_.get_executor()};
  std::vector<std::string> failures_;
  TaskGroup group_{io_.get_executor(), [this](const std::string& name, const std::exception_ptr& failure) {
                     try {
                       std::rethrow_exception(failure);
                     } catch (const std::exception& error) {
                       failures_.push_back(name + ": " + error.what());
                     }
                   }};
};

TEST_F(Group, starts_a_task_at_the_loops_next_turn) {
  group_.spawn("a", wait("a"));
  EXPECT_EQ(log_, "");
  EXPECT_EQ(group_.size(), 1U);
  settle();
  EXPECT_EQ(log_, "a+ ");
}

TEST_F(Group, is_joined_when_every_task_has_ended) {
  group_.spawn("a", wait("a"));
  group_.spawn("b", wait("b"));
  const Outcome& joined = start(group_.join());
  EXPECT_FALSE(joined.ended);
  event_.notify();
  settle();
  EXPECT_TRUE(joined.returned());
  EXPECT_EQ(log_, "a+ b+ a- b- ");
  EXPECT_EQ(group_.size(), 0U);
}

TEST_F(Group, without_tasks_is_joined_at_once) {
  const Outcome& joined = start(group_.join());
  EXPECT_TRUE(joined.returned());
}

TEST_F(Group, waits_also_for_tasks_that_are_spawned_during_the_join) {
  group_.spawn("parent", spawn_another());
  const Outcome& joined = start(group_.join());
  event_.notify();
  settle();
  EXPECT_EQ(log_, "child+ ");
  EXPECT_FALSE(joined.ended);
  event_.notify();
  settle();
  EXPECT_TRUE(joined.returned());
}

TEST_F(Group, cancels_every_task_and_those_that_are_spawned_afterwards) {
  group_.spawn("a", wait("a"));
  settle();
  on_loop([this] {
    group_.spawn("b", wait("b"));  // has not started yet
    group_.cancel();
  });
  EXPECT_EQ(group_.size(), 0U);
  EXPECT_EQ(log_, "a+ acancelled ");
  group_.spawn("c", wait("c"));
  settle();
  EXPECT_EQ(group_.size(), 0U);
  EXPECT_TRUE(failures_.empty()) << "a cancellation is not a failure";
}

TEST_F(Group, reports_a_failing_task_by_name_and_the_others_go_on) {
  group_.spawn("bad", fail());
  group_.spawn("good", wait("good"));
  settle();
  event_.notify();
  settle();
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(failures_[0], "bad: broken");
  EXPECT_EQ(log_, "good+ good- ");
  const Outcome& joined = start(group_.join());
  EXPECT_TRUE(joined.returned());
}

TEST_F(Group, is_cancelled_with_the_task_that_joins_it_which_still_waits_for_all) {
  group_.spawn("a", wait("a"));
  group_.spawn("slow", end_slowly());
  const Outcome& joined = start(group_.join());
  cancel();
  EXPECT_EQ(log_, "a+ acancelled ");
  EXPECT_FALSE(joined.ended) << "one task cleans up";
  clock_.advance(1s);
  settle();
  EXPECT_TRUE(joined.cancelled());
  EXPECT_EQ(log_, "a+ acancelled cleaned ");
}

}  // namespace
}  // namespace async
