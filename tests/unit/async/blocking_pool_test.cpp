// Threads for what blocks.
#include "async/blocking_pool.hpp"

#include <atomic>
#include <latch>
#include <memory>
#include <thread>

#include "loop.hpp"
#include "testing/run.hpp"

namespace async {
namespace {

class Pool : public Loop {
 protected:
  // A pool's answers come from another thread: turns the loop until the condition holds.
  void turn_until(const bool& done) { fakes::run_loop_until(io_, done, std::chrono::seconds(20)); }
};

TEST_F(Pool, runs_the_function_on_another_thread_and_goes_on_on_the_loop) {
  BlockingPool pool(1);
  const auto here = std::this_thread::get_id();
  const auto ask = [](BlockingPool& asked, std::thread::id& after) -> Task<std::thread::id> {
    const auto inside = co_await asked.run([] { return std::this_thread::get_id(); });
    after = std::this_thread::get_id();
    co_return inside;
  };
  std::thread::id after;
  EXPECT_NE(fakes::run(io_, ask(pool, after)), here);
  EXPECT_EQ(after, here);
}

TEST_F(Pool, gives_values_that_can_only_be_moved_and_none) {
  BlockingPool pool(2);
  EXPECT_EQ(*fakes::run(io_, pool.run([] { return std::make_unique<int>(7); })), 7);
  bool ran = false;
  fakes::run(io_, pool.run([&ran] { ran = true; }));
  EXPECT_TRUE(ran);
}

TEST_F(Pool, throws_the_functions_exception_to_the_caller) {
  BlockingPool pool(1);
  const auto fails = []() -> int { throw std::runtime_error("in the pool"); };
  try {
    std::ignore = fakes::run(io_, pool.run(fails));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "in the pool");
  }
  EXPECT_EQ(fakes::run(io_, pool.run([] { return 1; })), 1) << "the thread goes on";
}

TEST_F(Pool, of_one_thread_runs_one_function_at_a_time_in_their_order) {
  BlockingPool pool(1);
  std::string order;
  start(pool.run([&order] { order += "0"; }));
  start(pool.run([&order] { order += "1"; }));
  const Outcome& last = start(pool.run([&order] { order += "2"; }));
  turn_until(last.ended);
  EXPECT_EQ(order, "012");
}

TEST_F(Pool, of_two_threads_runs_two_functions_at_once) {
  BlockingPool pool(2);
  std::latch both(2);
  const Outcome& first = start(pool.run([&both] { both.arrive_and_wait(); }));
  const Outcome& second = start(pool.run([&both] { both.arrive_and_wait(); }));
  turn_until(first.ended);
  turn_until(second.ended);
  EXPECT_TRUE(first.returned() && second.returned());
}

TEST_F(Pool, finishes_the_function_of_a_cancelled_task_before_the_task_ends) {
  BlockingPool pool(1);
  std::latch started(1);
  std::latch may_end(1);
  std::atomic<bool> finished = false;
  const Outcome& outcome = start(pool.run([&] {
    started.count_down();
    may_end.wait();
    finished = true;
  }));
  started.wait();
  cancel();
  EXPECT_FALSE(outcome.ended) << "the function uses the task's frame";
  may_end.count_down();
  turn_until(outcome.ended);
  EXPECT_TRUE(finished);
}

TEST_F(Pool, ends_after_the_functions_that_were_started) {
  std::atomic<int> finished = 0;
  std::vector<const Outcome*> outcomes;
  {
    BlockingPool pool(2);
    for (int i = 0; i < 3; ++i) outcomes.push_back(&start(pool.run([&finished] { ++finished; })));
  }
  EXPECT_EQ(finished, 3);
  settle();
  for (const Outcome* outcome : outcomes) EXPECT_TRUE(outcome->returned());
}

}  // namespace
}  // namespace async
