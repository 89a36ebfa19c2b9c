#include "apiserver/watch_hub.hpp"

#include <boost/asio/this_coro.hpp>

#include "async/timeout.hpp"

namespace apiserver {

namespace {

// As many as the longest burst that a healthy watcher falls behind by.
constexpr std::size_t most_events_waiting = 4096;

async::Task<> wait_quietly(async::Event& event) {
  try {
    co_await event.wait();
  } catch (const boost::system::system_error&) {  // the time is over
  }
}

}  // namespace

void Subscription::offer(const EventPtr& event) {
  if (ended_ || event->revision <= from_ || !event->key.starts_with(prefix_)) return;
  if (events_.size() >= most_events_waiting) {
    end();
    return;
  }
  events_.push_back(event);
  changed_.notify();
}

void Subscription::end() {
  ended_ = true;
  changed_.notify();
}

async::Task<std::deque<EventPtr>> Subscription::next(async::Clock& clock, async::Clock::TimePoint deadline) {
  while (events_.empty() && !ended_ && clock.now() < deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock.now());
    async::Task<> changed = wait_quietly(changed_);
    co_await async::run_until(clock, left, std::move(changed));
  }
  co_return std::exchange(events_, {});
}

async::Task<std::deque<EventPtr>> Subscription::next() {
  while (events_.empty() && !ended_) co_await changed_.wait();
  co_return std::exchange(events_, {});
}

WatchHub::~WatchHub() {
  end_all();
}

void WatchHub::publish(const EventPtr& event) {
  std::erase_if(subscriptions_, [&event](const std::weak_ptr<Subscription>& weak) {
    const std::shared_ptr<Subscription> subscription = weak.lock();
    if (subscription) subscription->offer(event);
    return !subscription || subscription->ended();
  });
}

std::shared_ptr<Subscription> WatchHub::subscribe(std::string prefix, std::int64_t from) {
  auto subscription = std::make_shared<Subscription>(executor_, std::move(prefix), from);
  subscriptions_.push_back(subscription);
  return subscription;
}

void WatchHub::end_all() {
  for (const std::weak_ptr<Subscription>& weak : subscriptions_) {
    if (const auto subscription = weak.lock()) subscription->end();
  }
  subscriptions_.clear();
}

}  // namespace apiserver
