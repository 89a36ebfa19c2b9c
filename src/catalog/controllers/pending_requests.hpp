// What a reconciler was asked for besides what the objects say: another try, another fetch. In memory only;
// what has to outlast the process is told by status (status.handled).
//
// A request is forgotten when a reconcile that knew of it has ended without an error, not before: a write
// that fails must not lose it. Requests that come meanwhile stay.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

#include "kube/resource.hpp"

namespace catalog {

class PendingRequests {
 public:
  void add(const kube::ObjectKey& key) { ++requests_[key]; }
  // How many there are; to be given to done() afterwards.
  [[nodiscard]] std::uint64_t count(const kube::ObjectKey& key) const {
    auto entry = requests_.find(key);
    return entry == requests_.end() ? 0 : entry->second;
  }
  // Those that were counted are fulfilled.
  void done(const kube::ObjectKey& key, std::uint64_t counted) {
    auto entry = requests_.find(key);
    if (entry == requests_.end()) return;
    entry->second -= std::min(counted, entry->second);
    if (entry->second == 0) requests_.erase(entry);
  }
  void forget(const kube::ObjectKey& key) { requests_.erase(key); }

 private:
  std::map<kube::ObjectKey, std::uint64_t> requests_;
};

}  // namespace catalog
