// A program's loop and its end.
#include "async/program.hpp"

#include <csignal>

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
