// DynamoDB's expressions: conditions, key conditions, filters, updates and projections
// (docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/aws/wire.hpp"

namespace simulation {

// The names and values that a request's expressions mean with #n and :v.
struct ExpressionInput {
  const core::json::object* names = nullptr;
  const core::json::object* values = nullptr;
};

// Failure: ValidationException.
[[nodiscard]] Answer<bool> holds(std::string_view condition, const core::json::object& item,
                                 const ExpressionInput& input);
// What "name = :value" of a key condition asks of that attribute; nullptr where it asks nothing.
[[nodiscard]] Answer<const core::json::value*> equality_of(std::string_view condition,
                                                           std::string_view attribute,
                                                           const ExpressionInput& input);
[[nodiscard]] Answer<> apply_update(std::string_view update, core::json::object& item,
                                    const ExpressionInput& input);
// Without an expression: the whole item.
[[nodiscard]] Answer<core::json::object> project(std::string_view projection, const core::json::object& item,
                                                 const ExpressionInput& input);

// -1, 0, 1; nullopt where the types differ or have no order.
[[nodiscard]] std::optional<int> compare_attributes(const core::json::value& left,
                                                    const core::json::value& right);

}  // namespace simulation
