#include "simulation/performance/performance.hpp"

#include <algorithm>

namespace simulation {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr minutes quiet{32};  // more than the longest pause between two tries (catalog::longest_pause)

constexpr minutes short_quiet{5};

}  // namespace

Performance::Performance(Story story, const std::string& folder, Trace& trace)
    : story_(std::move(story)),
      simulator_(story_.seed, folder, trace),
      noise_(story_.noise.seed),
      account_(simulator_.timeline, Random(story_.seed).stream("aws")) {}

Performance::~Performance() = default;

void Performance::note(const std::string& what) {
  simulator_.trace.note(simulator_.timeline.since_start(), "story", what);
}

void Performance::run_task(Site& site, async::Task<> task, milliseconds limit) {
  auto is_done = std::make_shared<bool>(false);
  const auto run = [](async::Task<> inner, std::shared_ptr<bool> done) -> async::Task<> {
    co_await std::move(inner);
    *done = true;
  };
  site.users->spawn(run(std::move(task), is_done));
  const Instant latest = simulator_.timeline.now() + limit;
  while (!*is_done && simulator_.timeline.now() < latest) simulator_.run_for(seconds(1));
  if (!*is_done) violations_.push_back("a user's request was not done in time");
}

void Performance::calm_down() {
  note("calms down");
  is_noisy_ = false;
  cut_off_.clear();
  dead_ends_.clear();
  AwsSettings& settings = account_.settings();
  for (double* chance :
       {&settings.throttled, &settings.server_error, &settings.server_error_late, &settings.creation_failure,
        &settings.update_failure, &settings.deletion_failure, &settings.rollback_failure})
    *chance = 0;
  for (const auto& [id, stack] : account_.all_stacks()) {
    if (stack->is_protected && !stack->is_deleted()) std::ignore = account_.protect_outside(id, false);
  }
  mend_templates();
  for (Process* process : mortals_) {
    process->pause(false);
    process->clock().set_skew(milliseconds(0));
    simulator_.disk.fill(simulator_.folder_of(process->name()), false);
    if (!process->is_running()) process->start();
  }
}

void Performance::read_clusters() {
  for (Site& site : sites_)
    run_task(site, read_cluster(site.users->client(), site.users->clock(), site.cluster), minutes(10));
}

bool Performance::is_empty() const {
  return std::ranges::all_of(sites_, [](const Site& site) {
    return site.cluster.instances.empty() && site.cluster.bindings.empty();
  });
}

void Performance::rest(const std::string& why) {
  const auto has_rested = [this](milliseconds pause) {
    return simulator_.timeline.now() >= last_write_ + pause;
  };
  const Instant latest = simulator_.timeline.now() + hours(6);
  last_write_ = simulator_.timeline.now();
  Instant looked_after{};
  bool is_over = false;
  while (!is_over && simulator_.timeline.now() < latest) {
    simulator_.run_for(minutes(1));
    is_over = has_rested(quiet);
    if (!has_rested(short_quiet) || looked_after == last_write_) continue;
    // Where nothing is left, there is nothing to try again.
    looked_after = last_write_;
    read_clusters();
    is_over = is_over || is_empty();
  }
  note((is_over ? "rests after " : "does not rest after ") + why);
  read_clusters();
  check(is_over);
}

void Performance::check(bool is_quiet) {
  const std::size_t before = violations_.size();
  if (is_quiet) conversation_.finish(simulator_.timeline.since_start());
  for (std::string& each : conversation_.take_violations()) violations_.push_back(std::move(each));
  for (const Site& site : sites_) check_objects(site, excuses_, violations_);
  check_owners(sites_, violations_);
  check_account(sites_, account_, excuses_, secrets_, violations_);
  check_secrecy(sites_, secrets_, said_, violations_);
  for (const auto& [id, stack] : account_.all_stacks()) {
    for (const auto& [time, status] : stack->history) coverage_.state("stack", status);
  }
  if (violations_.size() == before) check_silence();
}

// Who fails is tried again, and that is written down. Who has reached all is silent.
void Performance::check_silence() {
  const bool all_ready = std::ranges::all_of(sites_, [&](const Site& site) {
    return std::ranges::all_of(site.cluster.instances, is_ready) &&
           std::ranges::all_of(site.cluster.bindings, is_ready);
  });
  if (!all_ready) return;
  const Instant now = simulator_.timeline.now();
  const milliseconds pause = is_empty() ? short_quiet : quiet;
  if (now < last_write_ + pause) {
    std::string writes;
    for (const std::string& each : last_writes_) writes += "; " + each;
    violations_.push_back("all is reached, and still something is written: " + writes);
  } else if (last_question_ > now - pause) {
    violations_.push_back("all is reached, and still a broker is asked: " + last_question_text_);
  }
}

Played Performance::play() {
  set_up();
  is_noisy_ = true;
  const Instant start = simulator_.timeline.now();
  for (const Act& act : story_.acts) simulator_.timeline.at(start + act.at, [this, act] { perform(act); });
  simulator_.run_until(start + story_.length);
  calm_down();
  rest("the story");
  for (Site& site : sites_) run_task(site, site.users->delete_everything(), minutes(10));
  rest("everything was deleted");
  for (const Site& site : sites_) {
    for (const auto* objects : {&site.cluster.instances, &site.cluster.bindings}) {
      for (const json::object& object : *objects)
        violations_.push_back("an object is left after everything was deleted: " + describe(object));
    }
  }
  return {.violations = std::move(violations_),
          .virtual_time = simulator_.timeline.since_start(),
          .steps = simulator_.steps,
          .coverage = coverage_.seen()};
}

}  // namespace simulation
