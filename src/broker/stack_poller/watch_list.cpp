#include "broker/stack_poller/watch_list.hpp"

#include <algorithm>

namespace broker {

namespace {

using async::milliseconds;
using async::seconds;
using TimePoint = WatchList::TimePoint;

constexpr std::size_t few = 2;             // stacks that are asked for one by one
constexpr milliseconds single_pause{250};  // of one stack; n of them share it
constexpr milliseconds sweep_pause{500};   // from a sweep's begin to the next one's, at least
constexpr double sweeps_share = 0.5;       // of all calls, at most
constexpr seconds stale{5};                // asked again even where nobody has polled since
constexpr seconds progress_pause{1};       // of one stack
constexpr std::chrono::minutes forgotten_after{10};
constexpr milliseconds patience_for_one{1000};  // a slow answer is better than an old one
constexpr milliseconds patience_for_many{25};
constexpr TimePoint never = TimePoint::max();

bool is_busy(const aws::Stack& stack) {
  return stack.status.ends_with("_IN_PROGRESS");
}

}  // namespace

bool WatchList::Watch::has_ended() const {
  return known && (!*known || !is_busy(**known));
}

void WatchList::polled(const std::string& stack, std::int64_t version, TimePoint now) {
  const auto [position, is_new] = watches_.try_emplace(stack);
  Watch& watch = position->second;
  if (is_new || watch.version != version) {
    if (is_new || watch.has_ended()) ++moving_;
    watch = {.version = version, .begun = now};
  }
  watch.polled = now;
}

bool WatchList::is_due(const std::string& stack, TimePoint now) const {
  return call_time(stack, now) <= now;
}

async::milliseconds WatchList::patience() const {
  return sweeps() ? patience_for_many : patience_for_one;
}

WatchList::TimePoint WatchList::call_time(const std::string& stack, TimePoint now) const {
  const auto found = watches_.find(stack);
  if (found == watches_.end()) return never;
  const TimePoint at = due(found->second);
  return at == never ? never : std::max(at, bucket_.next(now));
}

std::optional<std::uint64_t> WatchList::answers(const std::string& stack) const {
  const auto found = watches_.find(stack);
  if (found == watches_.end()) return std::nullopt;
  return found->second.answers;
}

core::Result<std::optional<aws::Stack>> WatchList::take(const std::string& stack) {
  const auto found = watches_.find(stack);
  if (found == watches_.end() || !found->second.known) return std::nullopt;
  if (!found->second.has_ended()) return **found->second.known;
  core::Result<aws::Stack> outcome = std::move(*found->second.known);
  watches_.erase(found);
  if (!outcome) return core::fail(std::move(outcome.error()));
  return std::move(*outcome);
}

bool WatchList::is_in_progress(const std::string& stack) const {
  const auto found = watches_.find(stack);
  return found != watches_.end() && found->second.known && !found->second.has_ended();
}

std::vector<aws::StackResource> WatchList::resources(const std::string& stack) const {
  const auto found = watches_.find(stack);
  return found != watches_.end() ? found->second.resources : std::vector<aws::StackResource>();
}

bool WatchList::sweeps() const {
  return may_list_ && moving_ > few;
}

WatchList::TimePoint WatchList::next_sweep() const {
  if (!sweep_begun_) return TimePoint::min();
  const std::chrono::duration<double> needed(static_cast<double>(pages_) /
                                             (bucket_.calls_per_second() * sweeps_share));
  return *sweep_begun_ + std::max(sweep_pause, std::chrono::ceil<milliseconds>(needed));
}

WatchList::TimePoint WatchList::due(const Watch& watch) const {
  if (watch.has_ended()) return never;
  if (watch.has_vanished) return watch.begun;
  const bool is_wanted = !watch.asked || watch.polled > *watch.asked;
  if (sweeps()) return is_wanted ? next_sweep() : std::max(*watch.asked + stale, next_sweep());
  if (!watch.asked) return watch.begun;
  const milliseconds pause = single_pause * static_cast<std::int64_t>(moving_);
  return *watch.asked + (is_wanted ? std::min<milliseconds>(pause, stale) : stale);
}

WatchList::Decision WatchList::wanted() const {
  if (sweeps() && next_page_)
    return {.call = StackCall{.kind = StackCall::Kind::list, .argument = *next_page_}, .when = {}};
  TimePoint sweep_at = never;
  TimePoint single_at = never;
  const std::string* single = nullptr;
  for (const auto& [stack, watch] : watches_) {
    const TimePoint at = due(watch);
    if (sweeps() && !watch.has_vanished) {
      sweep_at = std::min(sweep_at, at);
    } else if (at < single_at) {
      single_at = at;
      single = &stack;
    }
  }
  // A sweep that is due comes first: it has its share only.
  if (sweep_at != never && (sweep_at <= single_at || single_at == never))
    return {.call = StackCall{.kind = StackCall::Kind::list, .argument = {}}, .when = sweep_at};
  if (single == nullptr) return {.call = std::nullopt, .when = never};
  return {.call = StackCall{.kind = StackCall::Kind::describe, .argument = *single}, .when = single_at};
}

WatchList::Decision WatchList::wanted_progress() const {
  Decision oldest{.call = std::nullopt, .when = never};
  for (const auto& [stack, watch] : watches_) {
    const bool grows = watch.known && *watch.known && is_busy(**watch.known) &&
                       !(*watch.known)->status.starts_with("DELETE");
    if (!grows || (watch.resources_asked && watch.polled <= *watch.resources_asked)) continue;
    const TimePoint at = watch.resources_asked ? *watch.resources_asked + progress_pause : watch.begun;
    if (at >= oldest.when) continue;
    oldest = {.call = StackCall{.kind = StackCall::Kind::resources, .argument = stack}, .when = at};
  }
  return oldest;
}

WatchList::Decision WatchList::next(TimePoint now) {
  std::erase_if(watches_, [now](const auto& entry) { return now - entry.second.polled >= forgotten_after; });
  moving_ = static_cast<std::size_t>(
      std::ranges::count_if(watches_, [](const auto& entry) { return !entry.second.has_ended(); }));
  if (!sweeps()) next_page_.reset();
  Decision state = wanted();
  if (state.call && state.when <= now) {
    if (!bucket_.take(now)) return {.call = std::nullopt, .when = bucket_.next(now)};
    if (state.call->kind == StackCall::Kind::list && !next_page_) begin_sweep(now);
    return state;
  }
  // Progress leaves one call in reserve, so that no state waits for it.
  constexpr double reserved = 2;
  Decision progress = wanted_progress();
  const TimePoint progress_at = progress.call ? std::max(progress.when, bucket_.next(now, reserved)) : never;
  if (progress_at <= now && bucket_.take(now)) return progress;
  return {.call = std::nullopt, .when = std::min(state.when, progress_at)};
}

void WatchList::begin_sweep(TimePoint now) {
  sweep_begun_ = now;
  ++sweep_;
  pages_read_ = 0;
}

void WatchList::end_sweep() {
  next_page_.reset();
  pages_ = pages_read_;
  for (auto& [stack, watch] : watches_) {
    if (watch.begun < *sweep_begun_ && watch.sweep != sweep_ && !watch.has_ended()) watch.has_vanished = true;
  }
}

void WatchList::learn_rate(const core::Error* error, TimePoint now) {
  if (error != nullptr && error->kind == core::ErrorKind::throttled) {
    bucket_.throttled(now);
  } else {
    bucket_.answered(now);
  }
}

WatchList::Watch* WatchList::find(const std::string& stack, TimePoint sent) {
  const auto found = watches_.find(stack);
  // What was asked before the watch was begun is about another operation.
  return found == watches_.end() || found->second.begun > sent ? nullptr : &found->second;
}

void WatchList::listed(const core::Result<aws::StackPage>& page, TimePoint sent, TimePoint now) {
  learn_rate(page ? nullptr : &page.error(), now);
  if (!page) {
    // Credentials of the broker that have expired are renewed; what its policy lacks stays so.
    const bool may_pass = page.error().retryable() || page.error().kind == core::ErrorKind::unauthenticated;
    if (!may_pass) may_list_ = false;
    next_page_.reset();
    return;
  }
  for (const aws::Stack& stack : page->stacks) {
    Watch* watch = find(stack.id, sent);
    if (watch == nullptr) watch = find(stack.name, sent);
    if (watch == nullptr) continue;
    watch->known = stack;
    watch->asked = sent;
    watch->sweep = sweep_;
    watch->has_vanished = false;
    ++watch->answers;
  }
  ++pages_read_;
  if (page->next_token.empty() || page->next_token == next_page_) {
    end_sweep();
  } else {
    next_page_ = page->next_token;
  }
}

void WatchList::described(const std::string& stack, core::Result<aws::Stack> answer, TimePoint sent,
                          TimePoint now) {
  learn_rate(answer ? nullptr : &answer.error(), now);
  Watch* watch = find(stack, sent);
  if (watch == nullptr || (!answer && answer.error().kind == core::ErrorKind::throttled)) return;
  watch->known = std::move(answer);
  watch->asked = sent;
  watch->has_vanished = false;
  ++watch->answers;
}

void WatchList::resources_read(const std::string& stack,
                               core::Result<std::vector<aws::StackResource>> resources, TimePoint sent,
                               TimePoint now) {
  learn_rate(resources ? nullptr : &resources.error(), now);
  Watch* watch = find(stack, sent);
  if (watch == nullptr) return;
  watch->resources_asked = sent;
  if (resources) watch->resources = std::move(*resources);
}

}  // namespace broker
