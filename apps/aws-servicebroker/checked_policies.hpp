// The doctor's questions about what policies allow: to the broker, and to the roles that it takes.
#pragma once

#include "aws/session.hpp"
#include "broker/broker_options.hpp"
#include "findings.hpp"
#include "needed_actions.hpp"

// Of the user or role that the broker is.
[[nodiscard]] async::Task<> check_permissions(Findings& findings, std::string caller_arn,
                                              std::vector<NeededActions> needed, aws::Session& session);

// Takes the role, as for an instance, and asks what it may do there, and to the bucket. `session`: of the
// broker, or of the keys that the role is taken with; `caller_arn`: whose it is.
[[nodiscard]] async::Task<> check_role(Findings& findings, broker::Placement role, std::string caller_arn,
                                       const Options& options, std::vector<NeededActions> of_bucket,
                                       aws::Session& session);

// Of each pair of keys that overrides give: whose they are, what they may do themselves, and to the bucket,
// where they are used without a role, and the roles that are taken with them. `session`: the broker's own.
[[nodiscard]] async::Task<> check_keys(Findings& findings, const broker::BrokerOptions& broker,
                                       const Options& options, std::vector<NeededActions> of_bucket,
                                       aws::Session& session);
