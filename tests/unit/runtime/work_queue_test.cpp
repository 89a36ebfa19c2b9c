#include "runtime/work_queue.hpp"

#include "loop.hpp"

namespace runtime {
namespace {

class WorkQueueTest : public Loop {
 protected:
  static ObjectKey key(std::string name) { return {.namespace_ = "demo", .name = std::move(name)}; }

  // What the queue hands out now; "" where a worker would wait.
  std::string take() {
    if (queue_.size() == 0) return "";
    std::string name;
    tasks_.spawn("get", get_into(name));
    settle();
    return name;
  }
  async::Task<> get_into(std::string& name) {
    const std::optional<ObjectKey> next = co_await queue_.get();
    name = next ? next->name : "shut down";
  }

  WorkQueue queue_{io_.get_executor(), clock_, {.initial = 100ms, .maximum = 1s, .factor = 2, .jitter = 0}};
};

TEST_F(WorkQueueTest, hands_out_keys_in_the_order_of_their_adding_once_each) {
  queue_.add(key("b"));
  queue_.add(key("a"));
  queue_.add(key("b"));
  EXPECT_EQ(take(), "b");
  EXPECT_EQ(take(), "a");
  EXPECT_EQ(take(), "");
}

TEST_F(WorkQueueTest, dedupes_a_key_added_while_it_is_processing_and_hands_it_out_after_done) {
  queue_.add(key("a"));
  EXPECT_EQ(take(), "a");
  queue_.add(key("a"));
  queue_.add(key("a"));
  EXPECT_EQ(take(), "");
  queue_.done(key("a"));
  EXPECT_EQ(take(), "a");
  queue_.done(key("a"));
  EXPECT_EQ(take(), "");
}

TEST_F(WorkQueueTest, wakes_a_waiting_worker_for_each_key) {
  std::string first;
  std::string second;
  tasks_.spawn("get", get_into(first));
  tasks_.spawn("get", get_into(second));
  settle();
  queue_.add(key("a"));
  settle();
  EXPECT_EQ(first + second, "a");
  queue_.add(key("b"));
  settle();
  EXPECT_EQ(first.size() + second.size(), 2U);
}

TEST_F(WorkQueueTest, gives_two_keys_added_at_once_to_two_waiting_workers) {
  std::string first;
  std::string second;
  tasks_.spawn("get", get_into(first));
  tasks_.spawn("get", get_into(second));
  settle();
  queue_.add(key("a"));
  queue_.add(key("b"));
  settle();
  EXPECT_EQ(first.size() + second.size(), 2U);
}

TEST_F(WorkQueueTest, holds_a_delayed_key_back_until_it_is_due) {
  start(queue_.run());
  queue_.add_after(key("late"), 500ms);
  queue_.add_after(key("early"), 200ms);
  EXPECT_EQ(queue_.delayed(), 2U);
  pass(199ms);
  EXPECT_EQ(take(), "");
  pass(1ms);
  EXPECT_EQ(take(), "early");
  pass(300ms);
  EXPECT_EQ(take(), "late");
  EXPECT_EQ(queue_.delayed(), 0U);
}

TEST_F(WorkQueueTest, keeps_the_earliest_of_several_delays) {
  start(queue_.run());
  queue_.add_after(key("a"), 500ms);
  queue_.add_after(key("a"), 200ms);
  queue_.add_after(key("a"), 900ms);
  pass(200ms);
  EXPECT_EQ(take(), "a");
  queue_.done(key("a"));
  pass(2s);
  EXPECT_EQ(take(), "");
}

TEST_F(WorkQueueTest, adds_at_once_where_the_delay_is_nothing) {
  queue_.add_after(key("a"), 0ms);
  EXPECT_EQ(take(), "a");
}

TEST_F(WorkQueueTest, waits_longer_after_each_failure_up_to_the_maximum_until_the_key_is_forgotten) {
  start(queue_.run());
  for (const auto delay : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    queue_.add_rate_limited(key("a"));
    pass(delay - 1ms);
    EXPECT_EQ(queue_.size(), 0U) << delay.count();
    pass(1ms);
    EXPECT_EQ(take(), "a") << delay.count();
    queue_.done(key("a"));
  }
  EXPECT_EQ(queue_.failures(key("a")), 6U);
  queue_.forget(key("a"));
  queue_.add_rate_limited(key("a"));
  pass(100ms);
  EXPECT_EQ(take(), "a");
}

TEST_F(WorkQueueTest, honours_a_wait_that_is_longer_than_the_backoff) {
  start(queue_.run());
  queue_.add_rate_limited(key("a"), 5s);
  pass(4999ms);
  EXPECT_EQ(take(), "");
  pass(1ms);
  EXPECT_EQ(take(), "a");
}

TEST_F(WorkQueueTest, hands_out_what_is_left_after_shutting_down_and_takes_no_more) {
  queue_.add(key("a"));
  queue_.shut_down();
  queue_.add(key("b"));
  queue_.add_after(key("c"), 1ms);
  EXPECT_EQ(take(), "a");
  std::string end;
  tasks_.spawn("get", get_into(end));
  settle();
  EXPECT_EQ(end, "shut down");
}

TEST_F(WorkQueueTest, lets_every_waiting_worker_go_when_it_shuts_down) {
  std::string first;
  std::string second;
  tasks_.spawn("get", get_into(first));
  tasks_.spawn("get", get_into(second));
  settle();
  queue_.shut_down();
  settle();
  EXPECT_EQ(first, "shut down");
  EXPECT_EQ(second, "shut down");
}

}  // namespace
}  // namespace runtime
