// The JSON schema of a bind's parameters, for the catalog. Pure.
#pragma once

#include "broker/template.hpp"
#include "core/json.hpp"

namespace broker {

// RoleName and Scope of a template with outputs PolicyArn<Scope>; null for others.
[[nodiscard]] boost::json::value binding_schema(const Template& service);

}  // namespace broker
