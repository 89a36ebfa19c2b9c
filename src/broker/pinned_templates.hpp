// The templates that instances were made from, kept by digest (users.md, pain 4): an update must not pull in a
// newer template unless the user asks for it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "broker/store/store.hpp"
#include "broker/template.hpp"

namespace broker {

// On the program's one loop. Parsed templates are shared with the catalog and with each other.
class PinnedTemplates {
 public:
  explicit PinnedTemplates(Store& store) : store_(store) {}

  // Stores the template's body, once in this process, before an instance of it is recorded. Error: unavailable.
  [[nodiscard]] async::Task<core::Result<>> keep(std::shared_ptr<const Template> service);
  // Errors: not_found (no instance of this broker was made from it), unavailable.
  [[nodiscard]] async::Task<core::Result<std::shared_ptr<const Template>>> find(std::string digest);

 private:
  Store& store_;
  std::map<std::string, std::shared_ptr<const Template>, std::less<>> known_;
};

}  // namespace broker
