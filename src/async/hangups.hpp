// SIGHUP as something to wait for, again and again.
#pragma once

#include <boost/asio/signal_set.hpp>

#include "async/task.hpp"

namespace async {

// While it lives the signal does not end the process.
class Hangups {
 public:
  explicit Hangups(asio::any_io_executor executor);
  // Ends at the next signal, or at once where one came since the last wait.
  [[nodiscard]] Task<> next();

 private:
  asio::signal_set signals_;
};

}  // namespace async
