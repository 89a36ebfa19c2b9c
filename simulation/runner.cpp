#include "simulation/runner.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "simulation/performance/performance.hpp"

namespace simulation {

namespace {

namespace json = boost::json;

constexpr unsigned most_seconds_of_a_story = 120;  // more is a loop
constexpr long most_kilobytes_of_a_story = 300 * 1024;

std::string play_here(const Story& story, bool prints) {
  const std::string folder = fmt::format("/dev/shm/chandlery-simulation-{}", getpid());
  std::filesystem::create_directories(folder);
  Trace trace(prints ? [](const std::string& line) { std::puts(line.c_str()); }
                     : std::function<void(const std::string&)>());
  json::object report;
  {
    Performance performance(story, folder, trace);
    const Played played = performance.play();
    json::array violations;
    for (const std::string& violation : played.violations) violations.emplace_back(violation);
    json::array coverage;
    for (const std::string& each : played.coverage) coverage.emplace_back(each);
    report = {{"violations", std::move(violations)},
              {"coverage", std::move(coverage)},
              {"steps", played.steps},
              {"virtual_hours", static_cast<double>(played.virtual_time.count()) / 3'600'000},
              {"digest", trace.digest()}};
  }
  std::filesystem::remove_all(folder);
  std::fflush(stdout);
  return json::serialize(report);
}

struct Child {
  pid_t pid = 0;
  int pipe = -1;
  std::uint64_t seed = 0;
};

Child start(const Story& story, bool prints) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  std::fflush(stdout);
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("no process");
  if (pid == 0) {
    close(ends[0]);
    alarm(most_seconds_of_a_story);
    std::string report;
    try {
      report = play_here(story, prints);
    } catch (const std::exception& error) {
      report = json::serialize(json::object{{"violations", {std::string("exception: ") + error.what()}}});
    }
    for (std::size_t sent = 0; sent < report.size();) {
      const ssize_t wrote = write(ends[1], report.data() + sent, report.size() - sent);
      if (wrote <= 0) break;
      sent += static_cast<std::size_t>(wrote);
    }
    // Nothing of the parent's is to be ended a second time.
    _exit(0);
  }
  close(ends[1]);
  return {.pid = pid, .pipe = ends[0], .seed = story.seed};
}

Outcome finish(const Child& child) {
  std::string report;
  char buffer[4096];
  while (true) {
    const ssize_t got = read(child.pipe, buffer, sizeof(buffer));
    if (got <= 0) break;
    report.append(buffer, static_cast<std::size_t>(got));
  }
  close(child.pipe);
  int status = 0;
  rusage used{};
  wait4(child.pid, &status, 0, &used);
  Outcome outcome{.seed = child.seed};
  const auto seconds_of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  outcome.seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
  if (WIFSIGNALED(status)) {
    std::error_code ignored;
    std::filesystem::remove_all(fmt::format("/dev/shm/chandlery-simulation-{}", child.pid), ignored);
    outcome.violations.push_back(
        WTERMSIG(status) == SIGALRM
            ? fmt::format("the story does not end within {} s", most_seconds_of_a_story)
            : fmt::format("the process died of signal {}", WTERMSIG(status)));
    return outcome;
  }
  boost::system::error_code bad;
  const json::value parsed = json::parse(report, bad);
  if (bad || !parsed.is_object()) {
    outcome.violations.emplace_back("the process ended without a report");
    return outcome;
  }
  const auto texts = [&parsed](const char* name) {
    std::vector<std::string> found;
    if (const json::value* list = parsed.get_object().if_contains(name)) {
      for (const json::value& each : list->as_array()) found.emplace_back(each.as_string());
    }
    return found;
  };
  outcome.violations = texts("violations");
  outcome.coverage = texts("coverage");
  // Queues that only grow are found by it: a story takes some 60 MB.
  if (used.ru_maxrss > most_kilobytes_of_a_story)
    outcome.violations.push_back(fmt::format("the story takes more than {} MB of memory: {} MB",
                                             most_kilobytes_of_a_story / 1024, used.ru_maxrss / 1024));
  if (const json::value* steps = parsed.get_object().if_contains("steps"))
    outcome.steps = steps->to_number<std::uint64_t>();
  if (const json::value* hours = parsed.get_object().if_contains("virtual_hours"))
    outcome.virtual_hours = hours->to_number<double>();
  if (const json::value* digest = parsed.get_object().if_contains("digest"))
    outcome.digest = digest->to_number<std::uint64_t>();
  return outcome;
}

}  // namespace

Outcome play_alone(const Story& story, bool prints) {
  return finish(start(story, prints));
}

void play_seeds(std::uint64_t first, std::uint64_t count, unsigned processes,
                const std::function<bool(const Outcome&)>& on_outcome) {
  // In the order of the seeds, so that a run tells the same on every machine.
  std::vector<Child> running;
  std::uint64_t next = first;
  while (true) {
    while (next < first + count && running.size() < processes)
      running.push_back(start(draw_story(next++), false));
    if (running.empty()) return;
    const Outcome outcome = finish(running.front());
    running.erase(running.begin());
    if (on_outcome(outcome)) continue;
    for (const Child& child : running) {
      kill(child.pid, SIGKILL);
      std::ignore = finish(child);
    }
    return;
  }
}

std::string rule_of(const std::string& violation) {
  return violation.substr(0, violation.find(':'));
}

Story shrink(const Story& story, const Outcome& outcome, int most) {
  const std::string rule = rule_of(outcome.violations.front());
  Story best = story;
  int tries = 0;
  const auto still_breaks = [&](const Story& candidate) {
    if (++tries > most) return false;
    const Outcome again = play_alone(candidate, false);
    return std::ranges::any_of(again.violations,
                               [&](const std::string& each) { return rule_of(each) == rule; });
  };
  // Half of the acts, a quarter of them, … one of them.
  for (std::size_t size = std::max<std::size_t>(best.acts.size() / 2, 1); size > 0; size /= 2) {
    for (std::size_t begin = 0; begin < best.acts.size();) {
      Story candidate = best;
      const std::size_t end = std::min(begin + size, candidate.acts.size());
      candidate.acts.erase(candidate.acts.begin() + static_cast<std::ptrdiff_t>(begin),
                           candidate.acts.begin() + static_cast<std::ptrdiff_t>(end));
      if (!candidate.acts.empty() && still_breaks(candidate)) {
        best = std::move(candidate);
      } else {
        begin = end;
      }
    }
  }
  for (const auto& [name, chance] : noise_kinds) {
    if (best.noise.*chance == 0) continue;
    Story candidate = best;
    candidate.noise.*chance = 0;
    if (still_breaks(candidate)) best = std::move(candidate);
  }
  for (int Story::* number : {&Story::clusters, &Story::managers, &Story::brokers}) {
    if (best.*number == 1) continue;
    Story candidate = best;
    candidate.*number = 1;
    if (still_breaks(candidate)) best = std::move(candidate);
  }
  return best;
}

}  // namespace simulation
