// Parameters against the JSON schemas of a plan. Pure.
#pragma once

#include <optional>
#include <string>

#include "core/json.hpp"

namespace catalog::admission {

namespace json = boost::json;

// What gives parameters besides the object's own.
struct OtherSources {
  json::object defaults;  // of the class and the plan
  bool secrets = false;   // parametersFrom: what is missing here may be there
};

// What is wrong with the parameters, one sentence each that names the parameter by its path, or nullopt. A
// schema that cannot be read checks nothing: the broker will.
//
// Unknown names are refused where the schema says that it lists them all: additionalProperties false, or a
// form (openshift_form_definition), which has an entry for every parameter.
[[nodiscard]] std::optional<std::string> check_parameters(const json::object* parameters,
                                                          const json::object* schema,
                                                          const OtherSources& others);

// spec.parameters may be so large, as compact JSON: status repeats them, and the whole has to fit into
// etcd's 1.5 MiB.
inline constexpr std::size_t most_parameter_bytes = 256UL * 1024;
// What is wrong with their size, or nullopt. Those that do not change may stay.
[[nodiscard]] std::optional<std::string> check_parameters_size(const json::value* before,
                                                               const json::value* after);

// Of an instance that is there: what the new parameters have that the old have not, or otherwise, is checked
// against what can be updated (update: the plan's schema for that, or nullptr).
[[nodiscard]] std::optional<std::string> check_changed_parameters(const json::object* before,
                                                                  const json::object* after,
                                                                  const json::object* create,
                                                                  const json::object* update);

}  // namespace catalog::admission
