// A bind with RoleName: the policy in the stack's output PolicyArn<Scope> is attached to that role until the
// unbind (broker.md, "Operations").
#pragma once

#include <string>
#include <utility>

#include "broker/cloud/cloud.hpp"
#include "broker/credentials.hpp"
#include "broker/records.hpp"
#include "core/json.hpp"

namespace broker {

// RoleName and Scope are the only parameters of a bind; their names are read without regard to case. Errors:
// invalid.
[[nodiscard]] core::Result<std::pair<std::string, std::string>> role_and_scope(
    const boost::json::value& parameters);

// Scopes are compared without regard to case.
[[nodiscard]] bool is_same_scope(std::string_view one, std::string_view other);

// The ARN in the output of that scope. Error: invalid (there is none).
[[nodiscard]] core::Result<std::string> policy_of_scope(const Outputs& outputs, std::string_view scope);

// Of a binding with a role and its policy's ARN; nothing for others. Both may be done again.
[[nodiscard]] async::Task<core::Result<>> attach_policy(Cloud& cloud, const BindingRecord& binding);
[[nodiscard]] async::Task<core::Result<>> detach_policy(Cloud& cloud, const BindingRecord& binding);

}  // namespace broker
