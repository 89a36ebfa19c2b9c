// Keeps the store small: deletes old Events, forgets states that no watch can ask for any more.
//
// Executor: the loop's thread. run() ends when it is cancelled.
#pragma once

#include <chrono>

#include "apiserver/registry.hpp"
#include "apiserver/store.hpp"

namespace apiserver {

struct Retention {
  std::chrono::seconds events = std::chrono::hours(1);
  std::chrono::seconds history = std::chrono::minutes(5);
  std::chrono::seconds interval = std::chrono::minutes(1);  // between two rounds
};

class Housekeeping {
 public:
  Housekeeping(Store& store, Registry& registry, async::Clock& clock, Retention retention)
      : store_(store), registry_(registry), clock_(clock), retention_(retention) {}

  [[nodiscard]] async::Task<> run();

 private:
  [[nodiscard]] async::Task<core::Result<>> expire_events();
  [[nodiscard]] async::Task<core::Result<>> compact();
  [[nodiscard]] std::int64_t seconds_ago(std::chrono::seconds age) const;

  Store& store_;
  Registry& registry_;
  async::Clock& clock_;
  Retention retention_;
};

}  // namespace apiserver
