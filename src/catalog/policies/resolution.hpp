// From what an instance's spec says to the class and plan objects it means. Pure.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "catalog/api/views.hpp"
#include "catalog/policies/problem.hpp"

namespace catalog {

// Of the classes that match the instance's reference, the one it means.
// known_names: the external names there are, for "did you mean".
[[nodiscard]] std::expected<const json::object*, Problem> choose_class(
    const InstanceView& instance, std::span<const json::object* const> matching,
    std::span<const std::string> known_names);

// Of the class's plans the one that the instance means; the only one where it names none.
[[nodiscard]] std::expected<const json::object*, Problem> choose_plan(
    const InstanceView& instance, const ClassView& of_class, std::span<const json::object* const> plans);

// Whether the object is what the reference names, by external name, external id or name.
[[nodiscard]] bool is_named_by(const ReferenceFields& fields, const Reference& reference,
                               const json::object& object);

// Whether the instance may leave the plan that it has at its broker for another of the class's plans: the one
// in use says so (plan_updateable), and the class where that one is not offered any more.
[[nodiscard]] bool may_change_plan(const InstanceView& instance, const ClassView& of_class,
                                   std::span<const json::object* const> plans);

// A class or plan that its broker took back can be used by what already uses it, and by nothing else.
[[nodiscard]] std::optional<Problem> refuse_removed(const InstanceView& instance, const ClassView& of_class,
                                                    const PlanView& plan);

// The nearest of the names, where one is near enough to be meant: "s33" → "s3"; else "".
[[nodiscard]] std::string closest_name(std::string_view name, std::span<const std::string> names);

}  // namespace catalog
