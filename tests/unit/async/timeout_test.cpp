// Deadlines on one operation.
#include "async/timeout.hpp"

#include "async/event.hpp"
#include "loop.hpp"

namespace async {
namespace {

class Timeout : public Loop {
 protected:
  // The operation under test: waits for the event, then does as told.
  Task<core::Result<int>> operation() {
    try {
      co_await event_.wait();
    } catch (...) {
      cancelled_ = true;
      throw;
    }
    if (throws_) throw std::runtime_error("from the operation");
    if (fails_) co_return core::fail(core::ErrorKind::conflict, "its own error");
    co_return 7;
  }
  Task<> limited() {
    Task<core::Result<int>> task = operation();
    result_ = co_await with_timeout(clock_, 60s, "the test", std::move(task));
  }
  void pass(std::chrono::milliseconds duration) {
    clock_.advance(duration);
    settle();
  }

  Event event_{io_.get_executor()};
  bool throws_ = false;
  bool fails_ = false;
  bool cancelled_ = false;
  std::optional<core::Result<int>> result_;
};

TEST_F(Timeout, gives_the_result_of_an_operation_that_ends_in_time) {
  const Outcome& outcome = start(limited());
  pass(59'999ms);
  EXPECT_FALSE(outcome.ended);
  event_.notify();
  settle();
  EXPECT_TRUE(outcome.returned());
  EXPECT_EQ(result_.value().value(), 7);
  EXPECT_EQ(clock_.sleeping(), 0U) << "the deadline is gone";
}

TEST_F(Timeout, cancels_an_operation_that_takes_too_long_and_says_so) {
  const Outcome& outcome = start(limited());
  pass(60s);
  EXPECT_TRUE(outcome.returned());
  EXPECT_TRUE(cancelled_);
  ASSERT_FALSE(result_.value());
  EXPECT_EQ(result_->error().kind, core::ErrorKind::timeout);
  EXPECT_EQ(result_->error().message, "the test took longer than 1m0s");
}

TEST_F(Timeout, passes_the_operations_own_error_on) {
  fails_ = true;
  start(limited());
  event_.notify();
  settle();
  ASSERT_FALSE(result_.value());
  EXPECT_EQ(result_->error().message, "its own error");
}

TEST_F(Timeout, passes_the_operations_exception_on) {
  throws_ = true;
  const Outcome& outcome = start(limited());
  event_.notify();
  settle();
  ASSERT_TRUE(outcome.ended);
  EXPECT_THROW(std::rethrow_exception(outcome.failure), std::runtime_error);
}

TEST_F(Timeout, is_cancelled_with_its_task_and_takes_the_operation_along) {
  const Outcome& outcome = start(limited());
  cancel();
  EXPECT_TRUE(outcome.cancelled());
  EXPECT_TRUE(cancelled_);
  EXPECT_FALSE(result_);
  EXPECT_EQ(clock_.sleeping(), 0U);
}

TEST_F(Timeout, takes_an_operation_that_ends_at_once) {
  event_.notify();
  start(limited());
  EXPECT_EQ(result_.value().value(), 7);
}

TEST_F(Timeout, of_a_task_without_a_result_tells_which_was_first) {
  const auto limited_wait = [](Clock& clock, Event& event, bool& in_time) -> Task<> {
    in_time = co_await run_until(clock, 10ms, event.wait());
  };
  bool in_time = false;
  event_.notify();
  start(limited_wait(clock_, event_, in_time));
  EXPECT_TRUE(in_time);
  const Outcome& second = start(limited_wait(clock_, event_, in_time));
  pass(10ms);
  EXPECT_TRUE(second.returned());
  EXPECT_FALSE(in_time);
}

}  // namespace
}  // namespace async
