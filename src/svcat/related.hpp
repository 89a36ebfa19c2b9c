// What belongs to what. Pure: picks from the objects that are given.
#pragma once

#include "svcat/reader.hpp"

namespace svcat {

[[nodiscard]] Objects classes_of(const core::json::object& broker, const Objects& classes);
[[nodiscard]] Objects plans_of(const core::json::object& service_class, const Objects& plans);
// By what the instances' references were resolved to.
[[nodiscard]] Objects instances_of_class(const core::json::object& service_class, const Objects& instances);
[[nodiscard]] Objects instances_of_plan(const core::json::object& plan, const Objects& instances);
[[nodiscard]] Objects bindings_of(const core::json::object& instance, const Objects& bindings);

}  // namespace svcat
