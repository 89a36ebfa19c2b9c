#include "runtime/work_queue.hpp"

#include <algorithm>

#include "async/wait.hpp"

namespace runtime {

// Each waits for an event of its own: of the many that mostly wait, as many are woken as there are keys.
class WorkQueue::Idle {
 public:
  explicit Idle(WorkQueue& queue)
      : queue_(queue), woken_(queue.executor_), place_(queue.idle_.insert(queue.idle_.end(), this)) {}
  // One that was woken and is cancelled before it takes a key leaves it to another.
  ~Idle() {
    if (place_) {
      queue_.idle_.erase(*place_);
    } else if (!resumed_) {
      queue_.wake_one();
    }
  }
  Idle(const Idle&) = delete;
  Idle& operator=(const Idle&) = delete;

  [[nodiscard]] async::Task<> wait() {
    co_await woken_.wait();
    resumed_ = true;
  }
  void wake() {
    queue_.idle_.erase(*place_);
    place_.reset();
    woken_.notify();
  }

 private:
  WorkQueue& queue_;
  async::Event woken_;
  std::optional<std::list<Idle*>::iterator> place_;  // in the queue's list; absent once it is woken
  bool resumed_ = false;
};

WorkQueue::WorkQueue(asio::any_io_executor executor, async::Clock& clock, async::BackoffPolicy backoff,
                     KeyGroups groups)
    : clock_(clock),
      backoff_(backoff),
      grouping_(std::move(groups)),
      executor_(executor),
      delays_changed_(std::move(executor)) {}

void WorkQueue::add(ObjectKey key) {
  if (shut_down_ || !dirty_.insert(key).second) return;
  if (processing_.contains(key)) return;  // done() queues it again
  push(std::move(key));
  wake_one();
}

void WorkQueue::push(ObjectKey key) {
  const GroupEntry group = groups_.try_emplace(grouping_.of ? grouping_.of(key) : std::string()).first;
  if (group->second.queue.empty()) turns_.push_back(group);
  group->second.queue.push_back(std::move(key));
  ++waiting_;
}

bool WorkQueue::may_have_another(const Group& group) const {
  return !grouping_.of || group.processing + processing_.size() < grouping_.workers;
}

// The first key of the first group whose turn it is and that may have another worker.
std::optional<ObjectKey> WorkQueue::pop() {
  const auto turn = std::ranges::find_if(
      turns_, [this](const GroupEntry& group) { return may_have_another(group->second); });
  if (turn == turns_.end()) return std::nullopt;
  const GroupEntry entry = *turn;
  turns_.erase(turn);
  Group& group = entry->second;
  ObjectKey key = std::move(group.queue.front());
  group.queue.pop_front();
  if (!group.queue.empty()) turns_.push_back(entry);
  ++group.processing;
  --waiting_;
  processing_.emplace(key, entry);
  dirty_.erase(key);
  return key;
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
  while (true) {
    if (std::optional<ObjectKey> key = pop()) {
      wake_one();  // for what else may be handed out now
      co_return key;
    }
    if (shut_down_ && waiting_ == 0) co_return std::nullopt;
    Idle idle(*this);
    co_await idle.wait();
  }
}

void WorkQueue::done(const ObjectKey& key) {
  const auto entry = processing_.find(key);
  if (entry == processing_.end()) return;
  const GroupEntry group = entry->second;
  processing_.erase(entry);
  --group->second.processing;
  if (group->second.processing == 0 && group->second.queue.empty()) groups_.erase(group);
  if (dirty_.contains(key)) push(key);
  wake_one();
}

// The one that came last: what it works with is the likeliest to be in the processor's cache.
void WorkQueue::wake_one() {
  if (waiting_ > 0 && !idle_.empty()) idle_.back()->wake();
}

void WorkQueue::shut_down() {
  shut_down_ = true;
  due_.clear();
  by_time_.clear();
  while (!idle_.empty()) idle_.back()->wake();
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
