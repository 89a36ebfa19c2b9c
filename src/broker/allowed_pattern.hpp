// AllowedPattern of a template's parameter, which CloudFormation would check only after the request.
#pragma once

#include "broker/template.hpp"

namespace broker {

// The whole value has to match; of a list each element. RE2 has no look-around and no back references: where
// a pattern has them, CloudFormation decides. Error: invalid, naming the parameter and the
// pattern, or the author's ConstraintDescription; never the value.
[[nodiscard]] core::Result<> check_allowed_pattern(const TemplateParameter& parameter,
                                                   std::string_view value);

}  // namespace broker
