#include "runtime/work_queue.hpp"

#include "async/wait.hpp"

namespace runtime {

WorkQueue::WorkQueue(asio::any_io_executor executor, async::Clock& clock, async::BackoffPolicy backoff)
    : clock_(clock), backoff_(backoff), readable_(executor), delays_changed_(std::move(executor)) {}

void WorkQueue::add(ObjectKey key) {
  if (shut_down_ || !dirty_.insert(key).second) return;
  if (processing_.contains(key)) return;  // done() queues it again
  queue_.push_back(std::move(key));
  readable_.notify();
}

void WorkQueue::add_after(ObjectKey key, std::chrono::milliseconds delay) {
  if (shut_down_) return;
  if (delay <= std::chrono::milliseconds::zero()) return add(std::move(key));
  const TimePoint due = clock_.now() + delay;
  const auto [entry, is_new] = due_.try_emplace(key, due);
  if (!is_new) {
    if (entry->second <= due) return;
    by_time_.erase({entry->second, key});
    entry->second = due;
  }
  const bool is_first = by_time_.empty() || due < by_time_.begin()->first;
  by_time_.emplace(due, std::move(key));
  if (is_first) delays_changed_.notify();
}

void WorkQueue::add_rate_limited(const ObjectKey& key, std::chrono::milliseconds at_least) {
  const std::uint32_t failures = ++failures_[key];
  add_after(key, std::max(async::backoff_delay(backoff_, failures), at_least));
}

void WorkQueue::forget(const ObjectKey& key) {
  failures_.erase(key);
}

std::uint32_t WorkQueue::failures(const ObjectKey& key) const {
  const auto entry = failures_.find(key);
  return entry == failures_.end() ? 0 : entry->second;
}

async::Task<std::optional<ObjectKey>> WorkQueue::get() {
  while (queue_.empty() && !shut_down_) co_await readable_.wait();
  if (queue_.empty()) co_return std::nullopt;
  ObjectKey key = std::move(queue_.front());
  queue_.pop_front();
  processing_.insert(key);
  dirty_.erase(key);
  co_return key;
}

void WorkQueue::done(const ObjectKey& key) {
  processing_.erase(key);
  if (!dirty_.contains(key)) return;
  queue_.push_back(key);
  readable_.notify();
}

void WorkQueue::shut_down() {
  shut_down_ = true;
  due_.clear();
  by_time_.clear();
  readable_.notify();
}

async::Task<> WorkQueue::run() {
  while (true) {
    hand_over_due();
    if (by_time_.empty()) {
      co_await delays_changed_.wait();
    } else {
      co_await async::wait_until(clock_, delays_changed_, by_time_.begin()->first);
    }
  }
}

void WorkQueue::hand_over_due() {
  const TimePoint now = clock_.now();
  while (!by_time_.empty() && by_time_.begin()->first <= now) {
    ObjectKey key = by_time_.begin()->second;
    by_time_.erase(by_time_.begin());
    due_.erase(key);
    add(std::move(key));
  }
}

}  // namespace runtime
