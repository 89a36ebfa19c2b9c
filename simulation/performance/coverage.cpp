#include "simulation/performance/coverage.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace simulation {

namespace {

std::vector<std::string> all_acts() {
  std::vector<std::string> all;
  for (int kind = 0; kind < act_kinds; ++kind)
    all.push_back(std::string("act ") + name_of(static_cast<ActKind>(kind)));
  return all;
}

std::vector<std::string> all_pairs() {
  std::vector<std::string> all;
  for (int kind = 0; kind < act_kinds; ++kind) {
    for (const NoiseKind& fault : noise_kinds)
      all.push_back(std::string("pair ") + name_of(static_cast<ActKind>(kind)) + " × " + fault.name);
  }
  return all;
}

}  // namespace

std::vector<std::string> CoverageReport::missing(const std::vector<std::string>& wanted) const {
  std::vector<std::string> none;
  std::ranges::copy_if(wanted, std::back_inserter(none),
                       [this](const std::string& each) { return !runs_.contains(each); });
  return none;
}

std::string CoverageReport::summary() const {
  const auto acts = all_acts(), pairs = all_pairs();
  const auto states =
      std::ranges::count_if(runs_, [](const auto& entry) { return entry.first.starts_with("state "); });
  return fmt::format("{} of {} acts, {} of {} pairs of act and fault, {} states",
                     acts.size() - missing(acts).size(), acts.size(), pairs.size() - missing(pairs).size(),
                     pairs.size(), states);
}

std::string CoverageReport::details() const {
  std::string text;
  for (const auto& wanted : {all_acts(), all_pairs()}) {
    for (const std::string& each : missing(wanted)) text += "never: " + each + "\n";
  }
  for (const auto& [name, runs] : runs_) {
    if (name.starts_with("state ")) text += fmt::format("{:>6} {}\n", runs, name);
  }
  return text;
}

}  // namespace simulation
