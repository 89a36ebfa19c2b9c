#include "async/blocking_pool.hpp"

#include <optional>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace async {

struct BlockingPool::State {
  explicit State(std::size_t threads) {
    if (threads > 0) pool.emplace(threads);
  }
  std::optional<asio::thread_pool> pool;
};

BlockingPool::BlockingPool(std::size_t threads) : state_(std::make_unique<State>(threads)) {}

BlockingPool::~BlockingPool() {
  if (state_->pool) state_->pool->join();
}

Task<> BlockingPool::run_erased(std::function<void()> function) {
  const asio::any_io_executor loop = co_await asio::this_coro::executor;
  std::exception_ptr failure;
  // This operation has no cancellation slot: a cancelled task is told at its next co_await, after the
  // function is done with the references it has into the task's frame.
  auto start = [this, &loop, &function, &failure](auto handler) {
    const asio::any_io_executor place = state_->pool ? asio::any_io_executor(state_->pool->executor()) : loop;
    asio::post(place, [&function, &failure, work = asio::make_work_guard(loop), loop,
                       handler = std::move(handler)]() mutable {
      try {
        function();
      } catch (...) {
        failure = std::current_exception();
      }
      asio::post(loop, std::move(handler));
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start, asio::use_awaitable);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace async
