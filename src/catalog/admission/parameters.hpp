// Parameters against the JSON schema of a plan. Pure.
#pragma once

#include <optional>
#include <string>

#include "core/json.hpp"

namespace catalog::admission {

namespace json = boost::json;

// What is wrong with the parameters, one sentence each, or nullopt. from_secrets: further parameters come
// from Secrets, so that one that is missing here may be there. A schema that cannot be read checks nothing:
// the broker will.
//
// Unknown names are refused where the schema says that it lists them all: additionalProperties false, or a
// form (openshift_form_definition), which has an entry for every parameter.
[[nodiscard]] std::optional<std::string> check_parameters(const json::object* parameters,
                                                          const json::object* schema, bool from_secrets);

}  // namespace catalog::admission
