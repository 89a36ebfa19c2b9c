// The parameters that the broker itself adds to every plan: where the resources are made, and their tags.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/json.hpp"

namespace broker {

inline constexpr std::string_view account_parameter_group = "AWS Account Information";

struct AccountParameter {
  std::string_view name;
  boost::json::object property;
};
[[nodiscard]] std::span<const AccountParameter> account_parameters();

// Also the two that only overrides may give; none of these is a parameter of the stack.
[[nodiscard]] bool is_account_parameter(std::string_view name);

}  // namespace broker
