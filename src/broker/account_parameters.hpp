// The parameters that the broker itself adds to every plan: where the resources are made, their tags, and
// whether an update may replace data.
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

// The user's consent to an update that loses data (operations/data_loss.hpp). It belongs to the request that
// carries it: it is neither recorded nor compared.
inline constexpr std::string_view consent_parameter = "allow_replacement";

// Keys of another account. They are on no plan: only overrides give them (access_keys.hpp).
inline constexpr std::string_view access_key_parameter = "aws_access_key";
inline constexpr std::string_view secret_key_parameter = "aws_secret_key";
[[nodiscard]] bool is_key_parameter(std::string_view name);

// Also those two; none of these is a parameter of the stack.
[[nodiscard]] bool is_account_parameter(std::string_view name);

}  // namespace broker
