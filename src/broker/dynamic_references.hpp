// CloudFormation's dynamic references ({{resolve:service:key}}) in what users write. CloudFormation resolves
// one wherever a parameter's value lands in a property, with the broker's rights: its user would read secrets
// of others. So no value that a user gives may hold one, or a part that a template could join into one. What
// administrators give (plans, overrides) may. Pure.
#pragma once

#include <string_view>

#include "broker/instance_origin.hpp"
#include "core/error.hpp"
#include "core/json.hpp"

namespace broker {

// The text, whatever its case and white space, holds "{resolve" or begins with "resolve:", or it or a part of
// it before a comma (an element of a list) ends with a beginning of "{{resolve:" or "{resolve:".
[[nodiscard]] bool may_be_dynamic_reference(std::string_view text);

// All keys and values of an object, however deep. Error: invalid, naming the parameter, never its value.
[[nodiscard]] core::Result<> check_no_dynamic_references(const boost::json::value& parameters);

// The same of one value. `what`: "The parameter X", "The tag Y".
[[nodiscard]] core::Result<> check_no_dynamic_reference(std::string_view what,
                                                        const boost::json::value& value);

// The same of the cluster and the namespace that a context names: they become tags of the stack.
[[nodiscard]] core::Result<> check_no_dynamic_references(const Origin& origin);

}  // namespace broker
