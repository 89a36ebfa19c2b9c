#include "broker/stack_poller/stack_poller.hpp"

#include "async/wait.hpp"

namespace broker {

StackPoller::Place& StackPoller::place_of(const PolledStack& question) {
  std::unique_ptr<Place>& place = places_[question.placement];
  if (!place) {
    Cloud& cloud = clouds_.cloud(question.placement);
    place = std::make_unique<Place>(cloud, WatchList(rate_, clock_.now()), executor_);
    tasks_.spawn("stack poller", ask_on(*place));
  }
  return *place;
}

async::Task<core::Result<std::optional<aws::Stack>>> StackPoller::poll(PolledStack question) {
  Place& place = place_of(question);
  WatchList& watches = place.watches;
  const async::Clock::TimePoint begun = clock_.now();
  const bool is_due = note_poll(place, question);
  const auto answers = watches.answers(question.stack);
  // In a burst the first ones come while few are watched: their patience shrinks when others come.
  while (is_due && watches.answers(question.stack) == answers && clock_.now() < begun + watches.patience())
    co_await async::wait_until(clock_, place.answered, begun + watches.patience());
  co_return watches.take(question.stack);
}

std::vector<aws::StackResource> StackPoller::resources(const PolledStack& question) {
  return place_of(question).watches.resources(question.stack);
}

bool StackPoller::is_in_progress(const PolledStack& question) {
  Place& place = place_of(question);
  return !note_poll(place, question) && place.watches.is_in_progress(question.stack);
}

bool StackPoller::note_poll(Place& place, const PolledStack& question) {
  const async::Clock::TimePoint now = clock_.now();
  const async::milliseconds patience = place.watches.patience();
  place.watches.polled(question.stack, question.version, now);
  if (place.watches.patience() < patience) place.answered.notify();
  if (place.watches.call_time(question.stack, now) < place.resumes) place.wake.notify();
  return place.watches.is_due(question.stack, now);
}

async::Task<> StackPoller::ask_on(Place& place) {
  while (true) {
    const WatchList::Decision decision = place.watches.next(clock_.now());
    if (decision.call) {
      co_await ask(place, *decision.call);
      place.answered.notify();
      continue;
    }
    place.resumes = decision.when;
    co_await async::wait_until(clock_, place.wake, decision.when);
    place.resumes = {};
  }
}

async::Task<> StackPoller::ask(Place& place, StackCall call) {
  const async::Clock::TimePoint sent = clock_.now();
  switch (call.kind) {
    case StackCall::Kind::list: {
      const auto page = co_await place.cloud.list_stacks_in_progress(call.argument);
      place.watches.listed(page, sent, clock_.now());
      break;
    }
    case StackCall::Kind::describe: {
      auto stack = co_await place.cloud.describe_stack(call.argument);
      place.watches.described(call.argument, std::move(stack), sent, clock_.now());
      break;
    }
    case StackCall::Kind::resources: {
      auto resources = co_await place.cloud.stack_resources(call.argument);
      place.watches.resources_read(call.argument, std::move(resources), sent, clock_.now());
      break;
    }
  }
}

}  // namespace broker
