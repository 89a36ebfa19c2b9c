// Which events are written, and how: new ones, higher counts of old ones, combined ones, none. Pure: time
// comes in. The rules are client-go's (tools/record/events_cache.go), said in events.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/json.hpp"
#include "core/time.hpp"

namespace runtime {

namespace json = boost::json;

// A map that forgets what was used least recently.
template <class Value>
class BoundedMap {
 public:
  explicit BoundedMap(std::size_t capacity) : capacity_(capacity) {}

  // Makes the value where there is none.
  Value& operator[](const std::string& key) {
    if (const auto found = places_.find(key); found != places_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return entries_.front().second;
    }
    if (entries_.size() == capacity_) {
      places_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(key, Value());
    places_.emplace(key, entries_.begin());
    return entries_.front().second;
  }
  void erase(const std::string& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return;
    entries_.erase(found->second);
    places_.erase(found);
  }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  using Entries = std::list<std::pair<std::string, Value>>;
  std::size_t capacity_;
  Entries entries_;  // the most recently used first
  std::unordered_map<std::string, typename Entries::iterator> places_;
};

class EventCorrelator {
 public:
  static constexpr std::size_t max_similar = 10;
  static constexpr std::chrono::minutes similar_interval{10};
  static constexpr double burst = 25;
  static constexpr std::chrono::seconds refill_interval{300};

  struct Write {
    json::object event;    // to be created; with the name of the first one where only its count is raised
    json::object patch;    // of the event named so; empty: create
    std::string identity;  // for forget()
  };

  explicit EventCorrelator(std::size_t capacity) : seen_(capacity), similar_(capacity), budgets_(capacity) {}

  // event: complete, with count 1. nullopt: one too many of this object.
  [[nodiscard]] std::optional<Write> correlate(json::object event, core::SystemTime now);
  // The event was not written, or is gone: the next one is created afresh.
  void forget(const std::string& identity) { seen_.erase(identity); }

 private:
  struct Seen {
    std::string name;
    std::string first_timestamp;
    std::int64_t count = 0;
  };
  struct Similar {
    core::SystemTime last;
    std::set<std::string, std::less<>> messages;
  };
  struct Budget {
    bool started = false;
    double tokens = 0;
    core::SystemTime at;
  };
  [[nodiscard]] bool is_one_too_many(const std::string& object_identity, core::SystemTime now);

  BoundedMap<Seen> seen_;        // by object, type, reason, message
  BoundedMap<Similar> similar_;  // by object, type, reason
  BoundedMap<Budget> budgets_;   // by object
};

}  // namespace runtime
