// A clock that tests move by hand: time stands still until advance().
#pragma once

#include <algorithm>
#include <chrono>
#include <list>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/clock.hpp"

namespace fakes {

class ManualClock final : public async::Clock {
 public:
  explicit ManualClock(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  [[nodiscard]] TimePoint now() const override { return now_; }
  [[nodiscard]] core::SystemTime system_now() const override { return system_now_; }

  [[nodiscard]] async::Task<> rest_until(TimePoint when) override {
    namespace asio = boost::asio;
    const auto sleeper = sleepers_.emplace(sleepers_.end(), when, executor_);
    if (when <= now_) sleeper->timer.expires_at(asio::steady_timer::time_point::min());
    boost::system::error_code woken;
    co_await sleeper->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    sleepers_.erase(sleeper);
  }

  // Wakes every task that sleeps until then at the latest; they run at the loop's next turn.
  void advance(std::chrono::milliseconds by) {
    now_ += by;
    system_now_ += by;
    for (Sleeper& sleeper : sleepers_) {
      if (sleeper.when <= now_) sleeper.timer.cancel();
    }
  }

  // The time for which the next of the tasks that sleep asked: forever where none does.
  [[nodiscard]] TimePoint next_due() const {
    TimePoint next = TimePoint::max();
    for (const Sleeper& sleeper : sleepers_) next = std::min(next, sleeper.when);
    return next;
  }
  [[nodiscard]] std::size_t sleeping() const { return sleepers_.size(); }

 private:
  struct Sleeper {
    Sleeper(TimePoint until, const boost::asio::any_io_executor& executor)
        : when(until), timer(executor, boost::asio::steady_timer::time_point::max()) {}
    TimePoint when;
    boost::asio::steady_timer timer;  // never expires by itself; cancel() is the signal
  };

  boost::asio::any_io_executor executor_;
  TimePoint now_{std::chrono::hours(1000)};
  core::SystemTime system_now_{std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) +
                               std::chrono::hours(10)};
  std::list<Sleeper> sleepers_;
};

}  // namespace fakes
