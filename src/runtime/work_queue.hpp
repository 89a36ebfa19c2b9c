// The queue between informers and reconciles, with the semantics of client-go's workqueue:
// a key is queued once however often it is added; a key added while it is being processed is handed out again
// after done(), never to two workers at a time; order is first come, first served; rate-limited adds wait
// longer with each failure of the key.
//
// Keys may belong to groups (the broker that their reconciles wait for): then groups take turns, and a group
// is given another worker only while it keeps fewer of them busy than are idle. So each of k groups that hang
// keeps at most workers / (k + 1) of them, and one is always left for a group that works.
//
// Executor: the loop's. run() hands over delayed keys when they are due; it ends by cancellation and is
// spawned by the owner.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "async/backoff.hpp"
#include "async/clock.hpp"
#include "async/event.hpp"
#include "kube/resource.hpp"

namespace runtime {

namespace asio = boost::asio;

using kube::ObjectKey;

struct KeyGroups {
  std::function<std::string(const ObjectKey&)> of;  // absent: one group, which may have every worker
  std::size_t workers = 1;                          // how many call get()
};

class WorkQueue {
 public:
  static constexpr async::BackoffPolicy default_backoff{.initial = std::chrono::milliseconds(50),
                                                        .maximum = std::chrono::minutes(15),
                                                        .factor = 2.0,
                                                        .jitter = 0.1};

  WorkQueue(asio::any_io_executor executor, async::Clock& clock,
            async::BackoffPolicy backoff = default_backoff, KeyGroups groups = {});

  void add(ObjectKey key);
  // Not before `delay`; of several delays for a key the earliest counts. An add() in between changes nothing.
  void add_after(ObjectKey key, std::chrono::milliseconds delay);
  // After the key's own backoff, which grows until forget(); never before `at_least`.
  void add_rate_limited(const ObjectKey& key, std::chrono::milliseconds at_least = {});
  void forget(const ObjectKey& key);
  [[nodiscard]] std::uint32_t failures(const ObjectKey& key) const;

  // The next key, now being processed: answer with done(). nullopt once it is shut down and empty.
  [[nodiscard]] async::Task<std::optional<ObjectKey>> get();
  void done(const ObjectKey& key);

  void shut_down();
  [[nodiscard]] std::size_t size() const { return waiting_; }  // ready, not yet handed out
  [[nodiscard]] std::size_t processing() const { return processing_.size(); }
  [[nodiscard]] std::size_t delayed() const { return due_.size(); }

  [[nodiscard]] async::Task<> run();

 private:
  using TimePoint = async::Clock::TimePoint;
  struct Group {
    std::deque<ObjectKey> queue;
    std::size_t processing = 0;
  };
  using GroupEntry = std::map<std::string, Group>::iterator;
  class Idle;  // a worker that waits for a key
  void push(ObjectKey key);
  void wake_one();
  [[nodiscard]] std::optional<ObjectKey> pop();
  [[nodiscard]] bool may_have_another(const Group& group) const;
  void hand_over_due();

  async::Clock& clock_;
  async::BackoffPolicy backoff_;
  KeyGroups grouping_;
  std::map<std::string, Group> groups_;  // those with keys that wait or are processed
  std::deque<GroupEntry> turns_;         // those with keys that wait
  std::size_t waiting_ = 0;
  std::set<ObjectKey> dirty_;  // to be processed: queued, or added again while being processed
  std::map<ObjectKey, GroupEntry> processing_;
  std::map<ObjectKey, TimePoint> due_;
  std::set<std::pair<TimePoint, ObjectKey>> by_time_;  // the same as due_
  std::map<ObjectKey, std::uint32_t> failures_;
  bool shut_down_ = false;
  asio::any_io_executor executor_;
  std::list<Idle*> idle_;  // those that nothing has woken yet
  async::Event delays_changed_;
};

}  // namespace runtime
