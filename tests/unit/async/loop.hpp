// What the tests of async share: a loop that is turned by hand, and a clock that is moved by hand.
#pragma once

#include <list>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "async/task_group.hpp"
#include "testing/manual_clock.hpp"

namespace async {

using namespace std::chrono_literals;

inline bool is_cancellation(const std::exception_ptr& failure) {
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
  return false;
}

// How a task that was started has ended.
struct Outcome {
  bool ended = false;
  std::exception_ptr failure;
  [[nodiscard]] bool cancelled() const { return ended && is_cancellation(failure); }
  [[nodiscard]] bool returned() const { return ended && !failure; }
};

class Loop : public testing::Test {
 protected:
  void TearDown() override {
    cancel();
    EXPECT_EQ(tasks_.size(), 0U) << "a task does not end when it is cancelled";
  }

  // Runs everything that can run without time passing.
  void settle() {
    do io_.restart();
    while (io_.poll() > 0);
  }
  const Outcome& start(Task<> task) {
    Outcome& outcome = outcomes_.emplace_back();
    tasks_.spawn("under test", watch(std::move(task), outcome));
    settle();
    return outcome;
  }
  // On the loop, as its programs do: only there Asio cancels a task before what comes next.
  template <class Function>
  void on_loop(Function function) {
    asio::post(io_, std::move(function));
    settle();
  }
  void cancel() {
    on_loop([this] { tasks_.cancel(); });
  }

  boost::asio::io_context io_;
  fakes::ManualClock clock_{io_.get_executor()};
  TaskGroup tasks_{io_.get_executor()};

 private:
  std::list<Outcome> outcomes_;  // tasks may end as late as in TearDown()

  static Task<> watch(Task<> task, Outcome& outcome) {
    try {
      co_await std::move(task);
    } catch (...) {
      outcome.failure = std::current_exception();
    }
    outcome.ended = true;
  }
};

}  // namespace async
