// An object's state in a word and in a line.
#pragma once

#include <string>

#include "core/json.hpp"

namespace svcat {

// The last condition's type where it holds, else its reason; "" without conditions.
[[nodiscard]] std::string short_status(const core::json::object& object);
// "Ready - The instance was provisioned successfully @ 2026-01-31T10:00:00Z"
[[nodiscard]] std::string full_status(const core::json::object& object);
// Of classes and plans: "Active", or "Deprecated" once the broker offers it no more.
[[nodiscard]] std::string offer_status(const core::json::object& object);

}  // namespace svcat
