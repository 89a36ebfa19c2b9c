// Fn::ForEach of AWS::LanguageExtensions, written out.
#pragma once

#include "broker/replacement/value_resolver.hpp"

namespace broker {

// The sections Conditions and Resources of a template with its loops replaced by what they make, for these
// parameters. A loop over a list that only the stack knows stays as it is. Error: too_large, where the loops
// make more than CloudFormation would take.
[[nodiscard]] core::Result<boost::json::object> without_loops(const boost::json::object& document,
                                                              const Values& parameters);

}  // namespace broker
