// A program's loop and its end.
#include "async/program.hpp"

#include <chrono>
#include <csignal>
#include <tuple>

#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include "async/clock.hpp"
#include "async/shutdown.hpp"
#include "async/task_group.hpp"

namespace async {
namespace {

Task<int> give(int code) {
  co_return code;
}

Task<int> fail() {
  throw std::runtime_error("broken");
  co_return 0;
}

// The signal comes while the task waits: it is raised at the loop's next turn.
Task<> raise_soon(int signal) {
  std::raise(signal);
  co_return;
}

Task<int> end_at(int signal) {
  TaskGroup tasks(co_await asio::this_coro::executor);
  tasks.spawn("raise", raise_soon(signal));
  const int received = co_await wait_for_shutdown_signal();
  co_await tasks.join();
  co_return received;
}

TEST(Program, ends_with_its_tasks_value) {
  for (const int code : {0, 1, 7}) EXPECT_EQ(run_program(give(code)), code);
}

TEST(Program, ends_with_1_when_its_task_throws) {
  EXPECT_EQ(run_program(fail()), 1);
}

TEST(Program, is_told_to_end_by_sigint_and_sigterm) {
  for (const int signal : {SIGINT, SIGTERM}) EXPECT_EQ(run_program(end_at(signal)), signal);
}

TEST(Program, gets_the_default_disposition_back_for_a_second_signal) {
  ASSERT_EQ(run_program(end_at(SIGTERM)), SIGTERM);
  struct sigaction now = {};
  ASSERT_EQ(::sigaction(SIGTERM, nullptr, &now), 0);
  EXPECT_EQ(now.sa_handler, SIG_DFL);
}

// What a computation without end, or a call that never returns, does to the loop.
Task<int> get_stuck(int signal) {
  TaskGroup tasks(co_await asio::this_coro::executor);
  tasks.spawn("raise", raise_soon(signal));
  std::ignore = co_await wait_for_shutdown_signal(std::chrono::milliseconds(50));
  for (volatile bool is_stuck = true; is_stuck;) {
  }
  co_return 0;
}

// The signal comes when the loop is stuck already.
Task<> raise_and_get_stuck(int signal) {
  std::raise(signal);
  for (volatile bool is_stuck = true; is_stuck;) {
  }
  co_return;
}

Task<int> be_stuck_before(int signal) {
  TaskGroup tasks(co_await asio::this_coro::executor);
  tasks.spawn("stuck", raise_and_get_stuck(signal));
  co_return co_await wait_for_shutdown_signal(std::chrono::milliseconds(50));
}

TEST(ProgramDeathTest, ends_at_a_signal_where_the_loop_is_stuck) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(run_program(get_stuck(SIGTERM)), testing::ExitedWithCode(128 + SIGTERM), "has not answered");
  EXPECT_EXIT(run_program(be_stuck_before(SIGTERM)), testing::ExitedWithCode(128 + SIGTERM),
              "has not answered");
}

Task<int> sleep_a_moment() {
  SystemClock clock;
  const auto before = clock.now();
  co_await clock.sleep_until(before);  // in the past: at once
  co_return clock.now() >= before ? 0 : 1;
}

TEST(SystemClock, does_not_sleep_until_a_time_that_has_passed) {
  EXPECT_EQ(run_program(sleep_a_moment()), 0);
}

}  // namespace
}  // namespace async
