// Threads for what blocks (SQLite, files, name service): the calling task waits without blocking the loop,
// and goes on on the loop. A function that was started is always finished, also when its task is cancelled
// meanwhile. A pool without threads runs its functions on the loop, at its next turn: for a simulation, where
// one thread does everything in an order of its own.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "async/task.hpp"

namespace async {

class BlockingPool {
 public:
  explicit BlockingPool(std::size_t threads);
  ~BlockingPool();  // joins
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // An exception of the function is thrown to the caller.
  template <class Function>
  [[nodiscard]] Task<std::invoke_result_t<Function>> run(Function function) {
    using T = std::invoke_result_t<Function>;
    if constexpr (std::is_void_v<T>) {
      co_await run_erased([&function] { function(); });
    } else {
      std::optional<T> result;
      co_await run_erased([&function, &result] { result.emplace(function()); });
      co_return std::move(*result);
    }
  }

 private:
  [[nodiscard]] Task<> run_erased(std::function<void()> function);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace async
