// The progress that was last read of each stack: platforms poll as often as they like, CloudFormation
// throttles.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "async/clock.hpp"

namespace broker {

class RecentProgress {
 public:
  explicit RecentProgress(async::Clock& clock) : clock_(clock) {}

  // nullopt: it is older than `fresh`, or was never read.
  [[nodiscard]] std::optional<std::string> find(const std::string& instance_id) const {
    const auto found = read_.find(instance_id);
    if (found == read_.end() || clock_.now() - found->second.when >= fresh) return std::nullopt;
    return found->second.text;
  }
  void put(const std::string& instance_id, std::string text) {
    read_[instance_id] = {.when = clock_.now(), .text = std::move(text)};
  }
  // The operation has ended.
  void forget(const std::string& instance_id) { read_.erase(instance_id); }

 private:
  static constexpr std::chrono::seconds fresh{1};
  struct Read {
    async::Clock::TimePoint when;
    std::string text;
  };
  async::Clock& clock_;
  std::map<std::string, Read> read_;  // of operations in progress only
};

}  // namespace broker
