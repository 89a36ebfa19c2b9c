// Wakes tasks of the same loop. Latched: notify() before wait() lets that wait() through at once.
#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "async/task.hpp"

namespace async {

class Event {
 public:
  explicit Event(asio::any_io_executor executor);
  void notify();                // wakes every waiter, or the next one that comes
  [[nodiscard]] Task<> wait();  // throws operation_aborted when the waiting task is cancelled

 private:
  asio::steady_timer timer_;  // never expires by itself; cancel() is the signal
  bool notified_ = false;
  std::size_t waiting_ = 0;
};

}  // namespace async
