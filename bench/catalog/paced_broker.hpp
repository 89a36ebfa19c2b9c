// A service broker that does nothing, at once or after a time: what the catalog is measured with.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "async/clock.hpp"
#include "async/task.hpp"
#include "net/http.hpp"

namespace bench {

struct PacedBrokerOptions {
  std::uint16_t port = 0;
  std::chrono::milliseconds operation{
      0};                      // of provisioning and deprovisioning, asynchronously; 0: answered at once
  int classes = 1, plans = 1;  // plans of each class
};

class PacedBroker {
 public:
  explicit PacedBroker(PacedBrokerOptions options) : options_(options) {}
  [[nodiscard]] async::Task<net::Response> handle(const net::Request& request);

 private:
  [[nodiscard]] net::Response start(const std::string& instance, int status_at_once);
  [[nodiscard]] net::Response last_operation(const std::string& instance) const;

  PacedBrokerOptions options_;
  async::SystemClock clock_;
  std::map<std::string, async::Clock::TimePoint, std::less<>> ends_;  // of the operations by instance
};

// Until SIGTERM.
[[nodiscard]] async::Task<int> serve_paced_broker(PacedBrokerOptions options);

}  // namespace bench
