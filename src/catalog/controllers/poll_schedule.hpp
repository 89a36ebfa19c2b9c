// When the operations under way are asked about next. In memory only: after a restart every one is asked
// about at once.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "async/clock.hpp"
#include "catalog/policies/schedule.hpp"
#include "kube/resource.hpp"

namespace catalog {

class PollSchedule {
 public:
  PollSchedule(async::Clock& clock, milliseconds maximum) : clock_(clock), maximum_(maximum) {}

  // How long the next poll has to wait still; nullopt: it is due.
  [[nodiscard]] std::optional<milliseconds> wait(const kube::ObjectKey& key) const {
    auto entry = entries_.find(key);
    if (entry == entries_.end() || entry->second.due <= clock_.now()) return std::nullopt;
    return std::chrono::ceil<milliseconds>(entry->second.due - clock_.now());
  }
  // Plans the next one. `started`: when the operation was begun, for operations that were begun before this
  // process was.
  milliseconds next(const kube::ObjectKey& key, std::optional<core::SystemTime> started,
                    std::optional<std::chrono::seconds> retry_after) {
    auto [entry, first] = entries_.try_emplace(key, Entry{clock_.now(), clock_.now(), {}, {}});
    milliseconds elapsed = std::chrono::floor<milliseconds>(clock_.now() - entry->second.first_poll);
    if (first && started)
      entry->second.before = std::max(milliseconds(0), clock_.system_now() - *started - milliseconds(1000));
    milliseconds delay = poll_delay(elapsed + entry->second.before, retry_after, maximum_);
    entry->second.due = clock_.now() + delay;
    return delay;
  }
  void forget(const kube::ObjectKey& key) { entries_.erase(key); }

  // For so long the broker has answered each poll that it knows nothing of what is asked about. `is_known`:
  // this time it did.
  milliseconds unknown_for(const kube::ObjectKey& key, bool is_known) {
    const auto entry = entries_.find(key);
    if (entry == entries_.end()) return milliseconds(0);
    std::optional<async::Clock::TimePoint>& since = entry->second.unknown_since;
    if (is_known) {
      since.reset();
    } else if (!since) {
      since = clock_.now();
    }
    return since ? std::chrono::floor<milliseconds>(clock_.now() - *since) : milliseconds(0);
  }

 private:
  struct Entry {
    async::Clock::TimePoint first_poll, due;
    milliseconds
        before{};  // how long it had been under way at the first poll; status keeps whole seconds only
    std::optional<async::Clock::TimePoint> unknown_since;
  };
  async::Clock& clock_;
  milliseconds maximum_;
  std::map<kube::ObjectKey, Entry> entries_;
};

}  // namespace catalog
