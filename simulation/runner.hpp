// Plays stories in processes of their own, several at a time, and cuts a failing one down.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "simulation/story/story.hpp"

namespace simulation {

struct Outcome {
  std::uint64_t seed = 0;
  std::vector<std::string> violations;  // also: what the process died of
  std::vector<std::string> coverage;    // performance/coverage.hpp
  std::uint64_t digest = 0;
  std::uint64_t steps = 0;
  double virtual_hours = 0;
  double seconds = 0;  // of a processor
};

// Each in a process of its own, so that none sees what another has left, and a crash is an outcome too.
// Prints the trace to standard output where `prints`.
[[nodiscard]] Outcome play_alone(const Story& story, bool prints);

// `on_outcome`: false ends the run.
void play_seeds(std::uint64_t first, std::uint64_t count, unsigned processes,
                const std::function<bool(const Outcome&)>& on_outcome);

// The shortest story found that still breaks the same rule. `most`: how many tries.
[[nodiscard]] Story shrink(const Story& story, const Outcome& outcome, int most);
// What a violation is about: its words without names and numbers.
[[nodiscard]] std::string rule_of(const std::string& violation);

}  // namespace simulation
