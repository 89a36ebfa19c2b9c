// The doctor's questions about what policies allow: to the broker, and to the roles that it takes.
#pragma once

#include "aws/session.hpp"
#include "broker/cloud/placement.hpp"
#include "findings.hpp"
#include "needed_actions.hpp"

// Of the user or role that the broker is.
[[nodiscard]] async::Task<> check_permissions(Findings& findings, std::string caller_arn,
                                              std::vector<NeededActions> needed, aws::Session& session);

// Takes the role, as for an instance, and asks what it may do there. `session`: the broker's own.
[[nodiscard]] async::Task<> check_role(Findings& findings, broker::Placement role, std::string caller_arn,
                                       const Options& options, aws::Session& session);
