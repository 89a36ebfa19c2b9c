// Runs a coroutine to its end in a test, with a guard against hanging.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "async/task.hpp"

namespace fakes {

inline void run_loop_until(boost::asio::io_context& io, const bool& done, std::chrono::seconds guard) {
  const auto latest = std::chrono::steady_clock::now() + guard;
  io.restart();
  while (!done) {
    if (std::chrono::steady_clock::now() > latest)
      throw std::runtime_error("the test's coroutine did not end in time");
    if (io.run_one_for(std::chrono::milliseconds(100)) == 0 && io.stopped()) {
      throw std::runtime_error("the loop has nothing left to do, but the test's coroutine has not ended");
    }
  }
}

// The coroutine's value; its exception is thrown. Other tasks of the loop run meanwhile and stay where they
// are.
template <class T>
T run(boost::asio::io_context& io, async::Task<T> task,
      std::chrono::seconds guard = std::chrono::seconds(20)) {
  bool done = false;
  std::exception_ptr failure;
  std::optional<T> value;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr thrown, T result) {
    failure = thrown;
    if (!thrown) value.emplace(std::move(result));
    done = true;
  });
  run_loop_until(io, done, guard);
  if (failure) std::rethrow_exception(failure);
  return std::move(*value);
}

inline void run(boost::asio::io_context& io, async::Task<void> task,
                std::chrono::seconds guard = std::chrono::seconds(20)) {
  bool done = false;
  std::exception_ptr failure;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr thrown) {
    failure = thrown;
    done = true;
  });
  run_loop_until(io, done, guard);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace fakes
