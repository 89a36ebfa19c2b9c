// Waking tasks of one loop.
#include "async/event.hpp"

#include "loop.hpp"

namespace async {
namespace {

class Events : public Loop {
 protected:
  Event event_{io_.get_executor()};
};

TEST_F(Events, wake_every_task_that_waits) {
  const Outcome& first = start(event_.wait());
  const Outcome& second = start(event_.wait());
  EXPECT_FALSE(first.ended || second.ended);
  event_.notify();
  settle();
  EXPECT_TRUE(first.returned() && second.returned());
}

TEST_F(Events, let_the_next_wait_through_once_where_nobody_waits) {
  event_.notify();
  event_.notify();
  const Outcome& first = start(event_.wait());
  EXPECT_TRUE(first.returned());
  const Outcome& second = start(event_.wait());
  EXPECT_FALSE(second.ended) << "two signals before the wait are one";
}

TEST_F(Events, are_not_kept_for_later_once_a_task_was_woken) {
  start(event_.wait());
  event_.notify();
  settle();
  const Outcome& second = start(event_.wait());
  EXPECT_FALSE(second.ended);
}

TEST_F(Events, throw_when_the_waiting_task_is_cancelled) {
  const Outcome& outcome = start(event_.wait());
  cancel();
  EXPECT_TRUE(outcome.cancelled());
}

TEST_F(Events, throw_also_where_the_signal_came_just_before_the_cancellation) {
  const Outcome& outcome = start(event_.wait());
  on_loop([this] {
    event_.notify();
    tasks_.cancel();
  });
  EXPECT_TRUE(outcome.cancelled());
}

}  // namespace
}  // namespace async
