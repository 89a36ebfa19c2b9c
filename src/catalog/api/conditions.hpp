// The conditions in an object's status, and the column that is made of them. All functions work on the status
// object.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "core/time.hpp"

namespace catalog {

namespace json = boost::json;

namespace condition_type {
// Whether the object can be used. The message is what it waits for, or what was done last.
inline constexpr std::string_view ready = "Ready";
// The broker refused the request, or it was tried for too long.
inline constexpr std::string_view failed = "Failed";
// What a failed creation may have left at the broker is being deleted.
inline constexpr std::string_view orphan_mitigation = "OrphanMitigation";
// The broker says that a failed update or deletion has made the instance unusable, and no update has repaired
// it.
inline constexpr std::string_view unusable = "Unusable";
// An operation is in progress. The message is what the broker said last.
inline constexpr std::string_view progressing = "Progressing";
// The annotation `pause` is set.
inline constexpr std::string_view paused = "Paused";
}  // namespace condition_type

enum class ConditionStatus { is_true, is_false, unknown };

struct Condition {
  std::string_view type;
  ConditionStatus status = ConditionStatus::is_false;
  std::string reason;
  std::string message;
};

// nullptr where there is none of that type.
[[nodiscard]] const json::object* find_condition(const json::object& status, std::string_view type);
[[nodiscard]] bool condition_is_true(const json::object& status, std::string_view type);
[[nodiscard]] std::string_view condition_reason(const json::object& status, std::string_view type);
[[nodiscard]] std::string_view condition_message(const json::object& status, std::string_view type);

// Adds or changes it; lastTransitionTime moves only with status. lastConditionState is kept in step.
void set_condition(json::object& status, const Condition& condition, core::SystemTime now);
void remove_condition(json::object& status, std::string_view type);

// What the STATUS column shows: how far an operation is, as "Provisioning (3 of 7 resources created)"; else
// the last condition's type where it is true, its reason where it is not; "" without any.
[[nodiscard]] std::string last_condition_state(const json::object& status);

}  // namespace catalog
