// Structured concurrency: a TaskGroup owns the background tasks of a component. A component's run() returns
// only after `co_await group.join()`; the destructor asserts that nothing is left running.
//
// Executor: all members are called on the loop's thread. Cancellation: cancel() sends terminal cancellation
// to every task; a task spawned after cancel() is cancelled at its first suspension. An exception that leaves
// a task (other than operation_aborted) is logged with the task's name and given to on_failure; the other
// tasks go on.
#pragma once

#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "async/task.hpp"

namespace async {

class TaskGroup {
 public:
  using OnFailure = std::function<void(const std::string& task_name, std::exception_ptr)>;

  explicit TaskGroup(asio::any_io_executor executor, OnFailure on_failure = {});
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts the task at the loop's next turn.
  void spawn(std::string name, Task<> task);
  void cancel();
  // Waits until every task has ended, also those that are spawned meanwhile. If the waiting task itself is
  // cancelled, the group is cancelled too and join still waits for its tasks before it throws.
  [[nodiscard]] Task<> join();
  [[nodiscard]] std::size_t size() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace async
