#include "catalog/api/conditions.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace catalog {

namespace {

constexpr std::size_t widest_progress = 100;  // bytes of a broker's words in a column

std::string_view text_of(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::is_true:
      return "True";
    case ConditionStatus::is_false:
      return "False";
    case ConditionStatus::unknown:
      return "Unknown";
  }
  return "Unknown";
}

json::array& conditions_of(json::object& status) {
  json::value& list = status["conditions"];
  if (!list.is_array()) list = json::array();
  return list.as_array();
}

bool has_type(const json::value& condition, std::string_view type) {
  return core::find_string(condition, {"type"}) == type;
}

}  // namespace

const json::object* find_condition(const json::object& status, std::string_view type) {
  const json::array* list = core::find_array(status, {"conditions"});
  if (!list) return nullptr;
  for (const json::value& condition : *list) {
    if (has_type(condition, type)) return condition.if_object();
  }
  return nullptr;
}

bool condition_is_true(const json::object& status, std::string_view type) {
  const json::object* condition = find_condition(status, type);
  return condition && core::find_string(*condition, {"status"}) == "True";
}

std::string_view condition_reason(const json::object& status, std::string_view type) {
  const json::object* condition = find_condition(status, type);
  return condition ? core::find_string(*condition, {"reason"}) : std::string_view();
}

std::string_view condition_message(const json::object& status, std::string_view type) {
  const json::object* condition = find_condition(status, type);
  return condition ? core::find_string(*condition, {"message"}) : std::string_view();
}

void set_condition(json::object& status, const Condition& condition, core::SystemTime now) {
  json::array& list = conditions_of(status);
  auto at =
      std::ranges::find_if(list, [&](const json::value& entry) { return has_type(entry, condition.type); });
  std::string since = core::to_rfc3339(now);
  if (at != list.end() && core::find_string(*at, {"status"}) == text_of(condition.status)) {
    std::string_view kept = core::find_string(*at, {"lastTransitionTime"});
    if (!kept.empty()) since = kept;
  }
  json::object entry{{"type", condition.type},
                     {"status", text_of(condition.status)},
                     {"lastTransitionTime", since},
                     {"reason", condition.reason},
                     {"message", condition.message}};
  if (at != list.end()) {
    *at = std::move(entry);
  } else {
    list.push_back(std::move(entry));
  }
  status["lastConditionState"] = last_condition_state(status);
}

void remove_condition(json::object& status, std::string_view type) {
  if (!find_condition(status, type)) return;
  json::array& list = conditions_of(status);
  auto at = std::ranges::find_if(list, [&](const json::value& entry) { return has_type(entry, type); });
  list.erase(at);
  status["lastConditionState"] = last_condition_state(status);
}

std::string last_condition_state(const json::object& status) {
  const json::array* list = core::find_array(status, {"conditions"});
  if (!list || list->empty()) return {};
  if (condition_is_true(status, condition_type::progressing) &&
      !condition_is_true(status, condition_type::paused)) {
    return std::string(condition_reason(status, condition_type::progressing)) + " (" +
           core::shortened(condition_message(status, condition_type::progressing), widest_progress) + ")";
  }
  const json::value& last = list->back();
  bool holds = core::find_string(last, {"status"}) == "True";
  return std::string(core::find_string(last, {holds ? "type" : "reason"}));
}

}  // namespace catalog
