// As much of AWS as a broker with many operations in progress asks for: STS's GetCallerIdentity, and
// CloudFormation, whose stacks stay in progress until POST /complete. Fast enough to be no part of what is
// measured. GET /calls tells how often each operation was called.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "async/clock.hpp"
#include "net/http.hpp"

namespace bench {

class SimulatedAws {
 public:
  explicit SimulatedAws(std::chrono::milliseconds latency) : latency_(latency) {}
  [[nodiscard]] async::Task<net::Response> handle(const net::Request& request);

 private:
  struct Stack {
    std::string name;
    std::string status;
  };
  [[nodiscard]] net::Response answer(const std::string& action, const net::Query& parameters);
  [[nodiscard]] std::string create(const std::string& name);
  [[nodiscard]] std::string list(const std::string& token) const;

  std::chrono::milliseconds latency_;
  async::SystemClock clock_;
  std::map<std::string, Stack> stacks_;  // by id
  std::map<std::string, std::uint64_t> calls_;
};

// Serves on 127.0.0.1 until SIGTERM.
[[nodiscard]] async::Task<int> serve_simulated_aws(std::uint16_t port, std::chrono::milliseconds latency);

}  // namespace bench
