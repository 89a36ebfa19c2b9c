#include "runtime/work_queue.hpp"

#include <algorithm>
#include <array>
#include <deque>

#include <boost/asio/post.hpp>

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

TEST_F(WorkQueueTest, wakes_no_more_workers_than_there_are_keys) {
  std::array<std::string, 100> names;
  for (std::string& name : names) tasks_.spawn("get", get_into(name));
  settle();
  queue_.add(key("a"));
  io_.restart();
  EXPECT_LT(io_.poll(), 10U) << "handlers run";
  EXPECT_EQ(std::ranges::count(names, "a"), 1);
}

TEST_F(WorkQueueTest, gives_a_key_to_another_worker_where_the_one_that_it_woke_is_cancelled) {
  std::string first;
  std::string second;
  async::TaskGroup one(io_.get_executor());
  async::TaskGroup other(io_.get_executor());
  one.spawn("get", get_into(first));
  other.spawn("get", get_into(second));
  settle();
  boost::asio::post(io_, [&] {
    queue_.add(key("a"));
    other.cancel();  // the one that came last is woken
  });
  settle();
  EXPECT_EQ(first, "a");
  EXPECT_EQ(other.size(), 0U);
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

// Keys named "<group>-<number>", and six workers.
class GroupedWorkQueueTest : public WorkQueueTest {
 protected:
  static std::string group_of(const ObjectKey& key) { return key.name.substr(0, key.name.find('-')); }
  void add(const std::string& group, int count) {
    for (int i = 0; i < count; ++i) grouped_.add(key(group + "-" + std::to_string(i)));
  }
  // One more worker; what it is given, "" where it has to wait.
  std::string take_grouped() {
    std::string& given = given_.emplace_back();
    tasks_.spawn("worker", work(given));
    settle();
    return given;
  }
  async::Task<> work(std::string& given) {
    const std::optional<ObjectKey> next = co_await grouped_.get();
    given = next ? next->name : "shut down";
  }

  WorkQueue grouped_{io_.get_executor(), clock_, WorkQueue::default_backoff, {.of = group_of, .workers = 6}};
  std::deque<std::string> given_;
};

TEST_F(GroupedWorkQueueTest, lets_groups_take_turns) {
  add("a", 3);
  add("b", 1);
  EXPECT_EQ(take_grouped(), "a-0");
  EXPECT_EQ(take_grouped(), "b-0");
  EXPECT_EQ(take_grouped(), "a-1");
}

TEST_F(GroupedWorkQueueTest, gives_a_group_that_hangs_half_of_the_workers_and_leaves_the_others_idle) {
  add("a", 10);
  EXPECT_EQ(take_grouped(), "a-0");
  EXPECT_EQ(take_grouped(), "a-1");
  EXPECT_EQ(take_grouped(), "a-2");
  EXPECT_EQ(take_grouped(), "");
  add("b", 1);
  settle();
  EXPECT_EQ(given_.back(), "b-0") << "the idle worker takes what belongs to another group";
  EXPECT_EQ(grouped_.size(), 7U);
}

TEST_F(GroupedWorkQueueTest, hands_out_the_next_key_of_a_group_when_one_of_it_is_done) {
  add("a", 4);
  for (int i = 0; i < 3; ++i) (void)take_grouped();
  EXPECT_EQ(take_grouped(), "");
  grouped_.done(key("a-1"));
  settle();
  EXPECT_EQ(given_.back(), "a-3");
}

TEST_F(GroupedWorkQueueTest, keeps_the_last_worker_for_a_group_that_has_none) {
  for (const char* group : {"a", "b", "c", "d", "e"}) add(group, 10);
  for (int i = 0; i < 5; ++i) EXPECT_NE(take_grouped(), "");
  EXPECT_EQ(take_grouped(), "") << "each has one";
  add("f", 1);
  settle();
  EXPECT_EQ(given_.back(), "f-0");
}

}  // namespace
}  // namespace runtime
