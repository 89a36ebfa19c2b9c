// What IAM would allow a principal, without trying it (SimulatePrincipalPolicy).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aws/session.hpp"

namespace aws {

// Those of `actions` ("cloudformation:CreateStack") that the user or role with this ARN may not do on the
// resource. `context`: condition keys and their values ("aws:ResourceTag/team"). Error: forbidden (the caller
// may not ask).
[[nodiscard]] async::Task<core::Result<std::vector<std::string>>> find_denied_actions(
    Session& session, std::string principal_arn, std::vector<std::string> actions, std::string resource_arn,
    std::vector<std::pair<std::string, std::string>> context = {});

}  // namespace aws
