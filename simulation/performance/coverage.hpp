// What a run has been through: which acts met which faults, and which states things were in.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/kernel/timeline.hpp"
#include "simulation/story/story.hpp"

namespace simulation {

class Coverage {
 public:
  void act(Instant when, ActKind kind) {
    last_ = kind;
    last_when_ = when;
    seen_.insert(std::string("act ") + name_of(kind));
  }
  // A fault meets an act where it comes within a minute after it.
  void fault(Instant when, std::string_view name) {
    if (last_ && when - last_when_ <= std::chrono::minutes(1))
      seen_.insert("pair " + std::string(name_of(*last_)) + " × " + std::string(name));
  }
  // "stack ROLLBACK_FAILED", "instance ErrorWithParameters".
  void state(std::string_view of, std::string_view name) {
    seen_.insert("state " + std::string(of) + " " + std::string(name));
  }
  // "act …", "pair … × …", "state …".
  [[nodiscard]] const std::set<std::string>& seen() const { return seen_; }

 private:
  std::optional<ActKind> last_;
  Instant last_when_{};
  std::set<std::string> seen_;
};

// Of many runs: how many of them have seen each.
class CoverageReport {
 public:
  template <class Names>
  void add(const Names& seen) {
    for (const std::string& each : seen) ++runs_[each];
  }
  // "38 of 38 acts, 450 of 494 pairs of act and fault, 61 states".
  [[nodiscard]] std::string summary() const;
  // Line by line: the pairs that were never seen, and each state with the number of its runs.
  [[nodiscard]] std::string details() const;

 private:
  [[nodiscard]] std::vector<std::string> missing(const std::vector<std::string>& wanted) const;

  std::map<std::string, std::uint64_t> runs_;
};

}  // namespace simulation
