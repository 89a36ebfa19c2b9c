// The templates that instances were made from, kept by digest (users.md, pain 4): an update must not pull in
// a newer template unless the user asks for it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "async/clock.hpp"
#include "broker/store/store.hpp"
#include "broker/template.hpp"

namespace broker {

// On the program's one loop. Parsed templates are shared with the catalog and with each other.
class PinnedTemplates {
 public:
  PinnedTemplates(Store& store, async::Clock& clock) : store_(store), clock_(clock) {}

  // Stores the template's body before an instance of it is recorded. Error: unavailable.
  [[nodiscard]] async::Task<core::Result<>> keep(std::shared_ptr<const Template> service);
  // Errors: not_found (no instance of this broker was made from it), unavailable.
  [[nodiscard]] async::Task<core::Result<std::shared_ptr<const Template>>> find(std::string digest);
  // Removes from the store what no record refers to.
  [[nodiscard]] async::Task<core::Result<>> remove_all_but(std::set<std::string> digests);

 private:
  struct Known {
    std::shared_ptr<const Template> service;
    core::SystemTime kept_at;  // the epoch: not by this process
  };

  Store& store_;
  async::Clock& clock_;
  std::map<std::string, Known> known_;  // by digest
};

}  // namespace broker
