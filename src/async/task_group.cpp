#include "async/task_group.hpp"

#include <cassert>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/event.hpp"
#include "core/log.hpp"

namespace async {

namespace {

struct Running {
  explicit Running(std::string task_name) : name(std::move(task_name)) {}
  std::string name;
  asio::cancellation_signal signal;
};

Task<> start_at_next_turn(Task<> task) {
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  co_await std::move(task);
}

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

std::string describe(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown exception";
  }
}

[[maybe_unused]] bool has_stopped(const asio::any_io_executor& executor) {
  const auto* loop = executor.target<asio::io_context::executor_type>();
  return loop != nullptr && loop->context().stopped();
}

}  // namespace

struct TaskGroup::State {
  State(asio::any_io_executor loop, OnFailure failure_handler)
      : executor(loop), on_failure(std::move(failure_handler)), ended(std::move(loop)) {}

  asio::any_io_executor executor;
  OnFailure on_failure;
  std::list<Running> running;
  Event ended;  // a task has ended
  bool cancelled = false;

  void finish(std::list<Running>::iterator task, const std::exception_ptr& failure) {
    const std::string name = std::move(task->name);
    running.erase(task);
    ended.notify();
    if (!failure || is_cancellation(failure)) return;
    core::log::error("A task ended with an exception", {{"task", name}, {"exception", describe(failure)}});
    if (on_failure) on_failure(name, failure);
  }

  void cancel() {
    cancelled = true;
    for (auto task = running.begin(); task != running.end();)
      (task++)->signal.emit(asio::cancellation_type::terminal);
  }
};

TaskGroup::TaskGroup(asio::any_io_executor executor, OnFailure on_failure)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_failure))) {}

TaskGroup::~TaskGroup() {
  // Only an exception on the way may leave tasks here, or a loop that was stopped under them; the
  // io_context's own end destroys them then.
  assert(state_->running.empty() || std::uncaught_exceptions() > 0 || state_->cancelled ||
         has_stopped(state_->executor));
}

void TaskGroup::spawn(std::string name, Task<> task) {
  state_->running.emplace_back(std::move(name));
  const auto position = std::prev(state_->running.end());
  asio::co_spawn(state_->executor, start_at_next_turn(std::move(task)),
                 asio::bind_cancellation_slot(position->signal.slot(),
                                              [state = state_, position](std::exception_ptr failure) {
                                                state->finish(position, failure);
                                              }));
  if (state_->cancelled) position->signal.emit(asio::cancellation_type::terminal);
}

void TaskGroup::cancel() {
  state_->cancel();
}

Task<> TaskGroup::join() {
  const std::shared_ptr<State> state = state_;
  bool interrupted = false;
  while (!state->running.empty()) {
    bool aborted = false;
    try {
      co_await state->ended.wait();
    } catch (const boost::system::system_error&) {
      aborted = true;  // a co_await may not stand in a handler
    }
    if (aborted) {
      interrupted = true;
      state->cancel();
      co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    }
  }
  if (interrupted) {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

std::size_t TaskGroup::size() const {
  return state_->running.size();
}

}  // namespace async
