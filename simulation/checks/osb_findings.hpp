// What the checker of the conversation with brokers has found, in sentences.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "simulation/checks/osb_message.hpp"

namespace simulation::osb_check {

enum class Party { platform, broker };

class Findings {
 public:
  // `duty`: the number in the list of duties (osb_conversation.hpp).
  void add(milliseconds time, const Call& call, Party party, int duty, const std::string& what) {
    add(time,
        fmt::format("{} {} from {} to {}", call.request.method, call.request.target, call.client,
                    call.server),
        party, duty, what);
  }
  void add(milliseconds time, const std::string& about, Party party, int duty, const std::string& what) {
    all_.push_back(fmt::format("{}.{:03} s: {}: the {} breaks duty {}: {}", time.count() / 1000,
                               time.count() % 1000, about, party == Party::platform ? "platform" : "broker",
                               duty, what));
  }
  [[nodiscard]] const std::vector<std::string>& all() const { return all_; }
  [[nodiscard]] std::vector<std::string> take() { return std::exchange(all_, {}); }

 private:
  std::vector<std::string> all_;
};

}  // namespace simulation::osb_check
