#include "svcat/status_text.hpp"

#include "catalog/api/conditions.hpp"
#include "catalog/api/views.hpp"

namespace svcat {

std::string short_status(const core::json::object& object) {
  return catalog::last_condition_state(catalog::ObjectView(object).status());
}

std::string full_status(const core::json::object& object) {
  std::string text = short_status(object);
  const core::json::array* conditions = core::find_array(object, {"status", "conditions"});
  if (!conditions || conditions->empty()) return text;
  const std::string_view message = core::find_string(conditions->back(), {"message"});
  const std::string_view since = core::find_string(conditions->back(), {"lastTransitionTime"});
  if (!message.empty()) text.append(" - ").append(message);
  if (!since.empty()) text.append(" @ ").append(since);
  return text;
}

std::string offer_status(const core::json::object& object) {
  return core::find_bool(object, {"status", "removedFromBrokerCatalog"}).value_or(false) ? "Deprecated"
                                                                                         : "Active";
}

}  // namespace svcat
