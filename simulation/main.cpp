// simulation: plays stories of the whole system, each of which a seed decides (docs/simulation.md).
#include <cstdio>
#include <map>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "core/file.hpp"
#include "simulation/performance/coverage.hpp"
#include "simulation/runner.hpp"

namespace {

using namespace simulation;

struct Options {
  std::uint64_t seed = 0;
  std::vector<std::string> stories;
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 1000;
  unsigned processes = std::max(1U, std::thread::hardware_concurrency());
  int shrinks = 200;
  bool quiet = false;
  bool goes_on = false;
  bool shows_coverage = false;
};

void print_story(const Story& story) {
  fmt::print("{}", to_text(story));
}

void print_violations(const Outcome& outcome) {
  for (const std::string& violation : outcome.violations)
    fmt::print("seed {}: {}\n", outcome.seed, violation);
}

int play_one(const Story& story, bool quiet) {
  print_story(story);
  const Outcome outcome = play_alone(story, !quiet);
  fmt::print("{:.1f} simulated hours, {} steps, digest {:016x}, {:.2f} s\n", outcome.virtual_hours,
             outcome.steps, outcome.digest, outcome.seconds);
  print_violations(outcome);
  return outcome.violations.empty() ? 0 : 1;
}

// Those of a folder, or one.
int play_stories(const std::vector<std::string>& files, bool prints) {
  int failed = 0;
  for (const std::string& file : files) {
    const auto text = core::read_file(file);
    const auto story = text ? parse_story(*text) : core::Result<Story>(core::fail(text.error()));
    if (!story) {
      fmt::print("{}: {}\n", file, story.error().message);
      return 2;
    }
    if (prints) return play_one(*story, false);
    const Outcome outcome = play_alone(*story, false);
    fmt::print("{}: {}\n", file, outcome.violations.empty() ? "holds" : outcome.violations.front());
    if (!outcome.violations.empty()) ++failed;
  }
  return failed == 0 ? 0 : 1;
}

int play_many(const Options& options) {
  std::uint64_t played = 0, failed = 0, steps = 0;
  double hours = 0, seconds = 0;
  CoverageReport coverage;
  std::map<std::string, std::pair<std::uint64_t, std::string>> rules;
  play_seeds(options.first_seed, options.seeds, options.processes, [&](const Outcome& outcome) {
    ++played;
    steps += outcome.steps;
    hours += outcome.virtual_hours;
    coverage.add(outcome.coverage);
    seconds += outcome.seconds;
    if (played % 100 == 0) {
      fmt::print("{} seeds, {} failed, {:.0f} simulated hours in {:.0f} s of a processor\n", played, failed,
                 hours, seconds);
      std::fflush(stdout);
    }
    if (outcome.violations.empty()) return true;
    ++failed;
    for (const std::string& violation : outcome.violations) {
      auto& entry = rules[rule_of(violation)];
      if (entry.first++ == 0) entry.second = fmt::format("seed {}: {}", outcome.seed, violation);
    }
    if (options.goes_on) return true;
    const Story story = draw_story(outcome.seed);
    if (options.shrinks > 0) {
      fmt::print("seed {} fails; looking for a shorter story\n", outcome.seed);
      std::fflush(stdout);
      const Story shorter = shrink(story, outcome, options.shrinks);
      fmt::print("the story ({} of {} acts):\n", shorter.acts.size(), story.acts.size());
      print_story(shorter);
    } else {
      print_story(story);
    }
    fmt::print("replay it with: make simulate SEED={}\n", outcome.seed);
    print_violations(outcome);
    return false;
  });
  fmt::print(
      "{} seeds, {} failed; {:.0f} simulated hours, {} steps, {:.1f} s of a processor ({:.0f} hours a "
      "second)\n",
      played, failed, hours, steps, seconds, hours / seconds);
  fmt::print("Covered: {}\n", coverage.summary());
  if (options.shows_coverage) fmt::print("{}", coverage.details());
  for (const auto& [rule, entry] : rules) fmt::print("{:>6} x {}\n", entry.first, entry.second);
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"Plays stories of the whole system under seeds, and checks what must hold"};
  Options options;
  program.add_option("--seed", options.seed, "Play this one, and print all that happens");
  program.add_option("--story", options.stories, "Play these files; of one, print all that happens")
      ->check(CLI::ExistingFile);
  program.add_option("--first-seed", options.first_seed, "The first of several")->capture_default_str();
  program.add_option("--seeds", options.seeds, "How many")->capture_default_str();
  program.add_option("--processes", options.processes, "How many at a time")->capture_default_str();
  program.add_option("--shrinks", options.shrinks, "Tries to cut a failing story down; 0 for none")
      ->capture_default_str();
  program.add_flag("--quiet", options.quiet, "Of one seed, print the outcome only");
  program.add_flag("--go-on", options.goes_on, "Play all, also after one has failed");
  program.add_flag("--coverage", options.shows_coverage,
                   "Of several, print which acts met which faults, and the states that were seen");
  CLI11_PARSE(program, argc, argv);
  if (!options.stories.empty())
    return play_stories(options.stories, options.stories.size() == 1 && !options.quiet);
  return options.seed != 0 ? play_one(draw_story(options.seed), options.quiet) : play_many(options);
}
