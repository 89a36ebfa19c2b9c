// A value of JSON or YAML as CloudFormation takes it: parameters are texts there.
#pragma once

#include <string>

#include "core/json.hpp"

namespace broker {

// Texts as they are, numbers without an exponent, null as "", lists and maps as JSON.
[[nodiscard]] std::string value_text(const boost::json::value& value);

}  // namespace broker
