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

// Keys of another account. They are on no plan: only overrides give them (access_keys.hpp).
inline constexpr std::string_view access_key_parameter = "aws_access_key";
inline constexpr std::string_view secret_key_parameter = "aws_secret_key";
[[nodiscard]] bool is_key_parameter(std::string_view name);

// Also those two; none of these is a parameter of the stack.
[[nodiscard]] bool is_account_parameter(std::string_view name);

}  // namespace broker
