// A queue that makes its writers wait.
#include "async/bounded_queue.hpp"

#include "loop.hpp"

namespace async {
namespace {

class Queue : public Loop {
 protected:
  Task<> push(std::string item, std::string& answer) {
    answer = co_await queue_.push(std::move(item)) ? "pushed" : "closed";
  }
  Task<> pop(std::string& answer) {
    const auto item = co_await queue_.pop();
    answer = item.value_or("closed");
  }
  std::string popped() {
    std::string answer = "waits";
    const Outcome& outcome = start(pop(answer));
    if (!outcome.ended) ADD_FAILURE() << "there is nothing to pop";
    return answer;
  }

  BoundedQueue<std::string> queue_{io_.get_executor(), 2};
};

TEST_F(Queue, gives_items_in_their_order) {
  EXPECT_TRUE(queue_.try_push("a"));
  EXPECT_TRUE(queue_.try_push("b"));
  EXPECT_EQ(queue_.size(), 2U);
  EXPECT_EQ(popped(), "a");
  EXPECT_EQ(popped(), "b");
  EXPECT_EQ(queue_.size(), 0U);
}

TEST_F(Queue, drops_what_is_tried_while_it_is_full) {
  queue_.try_push("a");
  queue_.try_push("b");
  EXPECT_FALSE(queue_.try_push("c"));
  EXPECT_EQ(popped(), "a");
  EXPECT_TRUE(queue_.try_push("d"));
  EXPECT_EQ(popped(), "b");
  EXPECT_EQ(popped(), "d");
}

TEST_F(Queue, makes_a_writer_wait_for_room) {
  queue_.try_push("a");
  queue_.try_push("b");
  std::string answer;
  start(push("c", answer));
  EXPECT_EQ(answer, "");
  EXPECT_EQ(popped(), "a");
  settle();
  EXPECT_EQ(answer, "pushed");
  EXPECT_EQ(popped(), "b");
  EXPECT_EQ(popped(), "c");
}

TEST_F(Queue, lets_one_of_two_waiting_writers_in_for_each_item_that_goes) {
  queue_.try_push("a");
  queue_.try_push("b");
  std::string first;
  std::string second;
  start(push("c", first));
  start(push("d", second));
  popped();
  settle();
  EXPECT_EQ(first + second, "pushed");
  EXPECT_EQ(queue_.size(), 2U) << "never more than its capacity";
  popped();
  settle();
  EXPECT_EQ(first + second, "pushedpushed");
}

TEST_F(Queue, wakes_as_many_waiting_readers_as_there_are_items) {
  std::string first;
  std::string second;
  start(pop(first));
  start(pop(second));
  queue_.try_push("a");
  settle();
  EXPECT_EQ(first + second, "a");
  queue_.try_push("b");
  settle();
  EXPECT_EQ((first + second).size(), 2U);
}

TEST_F(Queue, that_is_closed_gives_what_it_has_and_takes_nothing_more) {
  queue_.try_push("a");
  queue_.close();
  EXPECT_TRUE(queue_.closed());
  EXPECT_FALSE(queue_.try_push("b"));
  std::string answer;
  start(push("c", answer));
  EXPECT_EQ(answer, "closed");
  EXPECT_EQ(popped(), "a");
  EXPECT_EQ(popped(), "closed");
  EXPECT_EQ(popped(), "closed");
}

TEST_F(Queue, tells_all_that_wait_when_it_is_closed) {
  std::string readers[2];
  for (std::string& reader : readers) start(pop(reader));
  queue_.close();
  settle();
  EXPECT_EQ(readers[0] + readers[1], "closedclosed");

  BoundedQueue<std::string> full(io_.get_executor(), 0);
  bool pushed = true;
  const auto push_into = [](BoundedQueue<std::string>& queue, bool& answer) -> Task<> {
    answer = co_await queue.push("x");
  };
  const Outcome& waiting = start(push_into(full, pushed));
  EXPECT_FALSE(waiting.ended);
  full.close();
  settle();
  EXPECT_FALSE(pushed);
}

TEST_F(Queue, loses_nothing_when_a_waiting_reader_is_cancelled) {
  std::string answer;
  const Outcome& outcome = start(pop(answer));
  on_loop([this] {
    queue_.try_push("a");
    tasks_.cancel();
  });
  EXPECT_TRUE(outcome.cancelled());
  EXPECT_EQ(queue_.size(), 1U) << "the item that woke the reader stays for the next one";
}

TEST_F(Queue, ends_the_wait_of_a_cancelled_writer_without_its_item) {
  queue_.try_push("a");
  queue_.try_push("b");
  std::string answer;
  const Outcome& outcome = start(push("c", answer));
  cancel();
  EXPECT_TRUE(outcome.cancelled());
  EXPECT_EQ(queue_.size(), 2U);
}

}  // namespace
}  // namespace async
