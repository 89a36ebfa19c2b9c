// Who is told about changes: each subscription gets the events under its prefix, in the order of revisions.
//
// Executor: the loop's thread. Subscriptions may outlive the hub; they end then.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apiserver/revision_log.hpp"
#include "async/clock.hpp"
#include "async/event.hpp"
#include "core/json.hpp"

namespace apiserver {

namespace json = boost::json;

// Objects are shared between the tasks that look at them; nobody changes one that was given away.
using Object = std::shared_ptr<const json::object>;

struct Event {
  std::string key;
  ChangeType type = ChangeType::added;
  std::int64_t revision = 0;
  Object object;    // of a deletion: the last state, at the version of its deletion
  Object previous;  // null for an addition
};
using EventPtr = std::shared_ptr<const Event>;

class Subscription {
 public:
  Subscription(boost::asio::any_io_executor executor, std::string prefix, std::int64_t from)
      : prefix_(std::move(prefix)), from_(from), changed_(std::move(executor)) {}

  // Waits for events until the time is over; empty where none came. An ended subscription returns at once.
  [[nodiscard]] async::Task<std::deque<EventPtr>> next(async::Clock& clock, async::Clock::TimePoint deadline);
  // Waits without a limit.
  [[nodiscard]] async::Task<std::deque<EventPtr>> next();
  // The subscriber was too slow (or the hub is gone): events are missing from here on.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] std::int64_t from() const { return from_; }

 private:
  friend class WatchHub;
  void offer(const EventPtr& event);
  void end();

  std::string prefix_;
  std::int64_t from_;  // events after this revision are delivered
  std::deque<EventPtr> events_;
  bool ended_ = false;
  async::Event changed_;
};

class WatchHub {
 public:
  explicit WatchHub(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  ~WatchHub();
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;

  void publish(const EventPtr& event);
  [[nodiscard]] std::shared_ptr<Subscription> subscribe(std::string prefix, std::int64_t from);
  void end_all();

 private:
  boost::asio::any_io_executor executor_;
  std::vector<std::weak_ptr<Subscription>> subscriptions_;
};

}  // namespace apiserver
