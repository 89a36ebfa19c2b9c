// What the broker calls AWS for itself (deploy/prerequisites.yaml gives it that); what CloudFormation calls
// in its name to make resources depends on the templates.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/sts.hpp"
#include "open_store.hpp"

struct NeededActions {
  std::string resource;  // the ARN of one on which they are needed; one that need not be there
  std::vector<std::string> actions;
  std::string broker_tag;  // which the resource and the request have; "" for none
};
// Where its stacks are made: in its own account, or in that of a role that it takes.
[[nodiscard]] std::vector<NeededActions> actions_in_account(const Options& options, const std::string& region,
                                                            const std::string& account);
// Of the bucket, where a template is too long for a request: CloudFormation reads it with the rights of whom
// it is called by, which are those of the role where one is taken.
[[nodiscard]] NeededActions actions_for_long_templates(const Options& options);
[[nodiscard]] NeededActions actions_of_role_for_long_templates(const Options& options);
// With its records.
[[nodiscard]] std::vector<NeededActions> needed_actions(const Options& options, const StoreName& store,
                                                        const std::string& region,
                                                        const std::string& account);

// The user or role whose policies decide what a caller may do: arn:…:sts::1:assumed-role/NAME/SESSION is the
// role NAME.
[[nodiscard]] std::string principal_of(std::string_view caller_arn);
