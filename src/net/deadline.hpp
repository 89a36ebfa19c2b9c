// Private to net/: a time limit over a few steps of one coroutine.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace net {

// Calls `expire` once when the time is over, unless it is destroyed before. What `expire` refers to must
// outlive it.
class Deadline {
 public:
  Deadline(const boost::asio::any_io_executor& executor, std::chrono::milliseconds limit,
           std::function<void()> expire);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  [[nodiscard]] bool expired() const { return state_->expired; }
  [[nodiscard]] std::chrono::milliseconds left() const {
    return std::chrono::ceil<std::chrono::milliseconds>(timer_.expiry() - std::chrono::steady_clock::now());
  }

 private:
  struct State {
    bool expired = false;
    bool disarmed = false;
    std::function<void()> expire;
  };
  std::shared_ptr<State> state_;
  boost::asio::steady_timer timer_;
};

}  // namespace net
