// Platforms that wait for many instances: each polls last_operation of its own ones at a fixed pace, whatever
// the broker's answers take.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "async/task.hpp"

namespace bench {

struct PacedPolls {
  std::string url;            // of the broker
  std::string authorization;  // the header's value
  std::vector<std::string> instances;
  double polls_per_second = 3;  // of each instance
  std::chrono::seconds duration{10};
};

// Prints {"polls", "failed", "p50_ms", "p99_ms", "worst_ms"}; the exit code is 1 where the broker cannot be
// reached.
[[nodiscard]] async::Task<int> run_paced_polls(PacedPolls polls);

}  // namespace bench
