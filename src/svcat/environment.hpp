// A Secret's data as the environment of a process.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/json.hpp"

namespace svcat {

// Letters, digits and '_', no digit first (POSIX.1, Environment Variables).
[[nodiscard]] bool is_variable_name(std::string_view name);

// The decoded values by key. Errors: invalid, naming each key (never a value) that is no name of a variable,
// or whose value holds a zero byte.
[[nodiscard]] core::Result<std::map<std::string, std::string>> variables_of(const core::json::object& secret);

}  // namespace svcat
