// What the parts have in common that clean up behind changes: they look at every change, note which objects
// have work to do, and do it until it is done.
//
// Executor: the loop's thread. run() ends when it is cancelled. An object whose work failed is tried again
// after a second; a crash loses nothing, since run() begins with everything that may have work.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "apiserver/registry.hpp"
#include "apiserver/store.hpp"
#include "apiserver/writes.hpp"

namespace apiserver {

class Cleaner {
 public:
  Cleaner(Store& store, Writes& writes, Registry& registry, async::Clock& clock)
      : store_(store), writes_(writes), registry_(registry), clock_(clock) {}
  virtual ~Cleaner() = default;
  Cleaner(const Cleaner&) = delete;
  Cleaner& operator=(const Cleaner&) = delete;

  [[nodiscard]] async::Task<> run();

 protected:
  // The keys that may have work, whatever happened before.
  [[nodiscard]] virtual async::Task<core::Result<std::vector<std::string>>> all() = 0;
  // The keys that have work because of this change.
  [[nodiscard]] virtual async::Task<core::Result<std::vector<std::string>>> concerned_by(EventPtr event) = 0;
  // Does the work of one object; false: it has to be tried again.
  [[nodiscard]] virtual async::Task<bool> clean(std::string key) = 0;

  // Who the parts of the control plane are to admission and in managedFields.
  [[nodiscard]] static WriteOptions as(std::string_view name);
  // Those that cannot be read too.
  [[nodiscard]] static std::vector<std::string> keys_of(const Kind& kind, const ListPage& page);
  // Deletes what the key names now; true: it is deleted, or is being deleted already.
  [[nodiscard]] async::Task<bool> remove(std::string key, std::string propagation, WriteOptions options);

  Store& store_;
  Writes& writes_;
  Registry& registry_;
  async::Clock& clock_;

 private:
  std::set<std::string> due_;
};

}  // namespace apiserver
