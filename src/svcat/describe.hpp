// One object and what belongs to it, as text for people. Pure: what is related is given.
//
// Values of Secrets are shown only where that is asked for.
#pragma once

#include <optional>
#include <string>

#include "svcat/reader.hpp"

namespace svcat {

[[nodiscard]] std::string describe_broker(const core::json::object& broker, const Objects& its_classes);
[[nodiscard]] std::string describe_class(const core::json::object& service_class, const Objects& its_plans);
// its_class: nullptr where it is gone.
[[nodiscard]] std::string describe_plan(const core::json::object& plan, const core::json::object* its_class,
                                        const Objects& its_instances);
[[nodiscard]] std::string describe_instance(const core::json::object& instance, const Objects& its_bindings);

enum class SecretValues { hidden, shown };
// its_secret: the Secret, or why it could not be read.
[[nodiscard]] std::string describe_binding(const core::json::object& binding,
                                           const core::Result<core::json::object>& its_secret,
                                           SecretValues values);

}  // namespace svcat
