#include "checked_policies.hpp"

#include <algorithm>
#include <iterator>

#include "aws/policy_simulation.hpp"
#include "aws/sts.hpp"
#include "broker/cloud/aws_cloud.hpp"
#include "broker/stack_tags.hpp"
#include "broker/target_roles.hpp"

namespace {

bool is_root(std::string_view caller_arn) {
  return caller_arn.ends_with(":root");
}

async::Task<> ask_iam(Findings& findings, std::string what, std::string principal,
                      std::vector<NeededActions> needed, aws::Session& session) {
  bool all_allowed = true;
  for (NeededActions& each : needed) {
    std::vector<std::pair<std::string, std::string>> context;
    if (!each.broker_tag.empty()) {
      for (const char* key : {"aws:ResourceTag/", "aws:RequestTag/"})
        context.emplace_back(std::string(key) + broker::broker_tag, each.broker_tag);
    }
    const auto denied = co_await aws::find_denied_actions(session, principal, std::move(each.actions),
                                                          each.resource, std::move(context));
    if (!denied) {
      findings.skipped(
          what, "IAM does not say (that requires iam:SimulatePrincipalPolicy): " + denied.error().message);
      co_return;
    }
    for (const std::string& action : *denied) {
      findings.failed(
          what, action + " is denied: add it to the policies of " + principal + ", for " + each.resource);
      all_allowed = false;
    }
  }
  if (all_allowed) findings.ok(what, "everything that the broker calls itself");
}

// STS refuses alike what the caller's policies and what the role's trust policy do not allow; IAM may tell
// which it is.
async::Task<std::string> why_refused(core::Error refusal, const broker::Placement& role,
                                     std::string principal, aws::Session& session) {
  std::vector<std::string> actions{"sts:AssumeRole"};
  const auto denied =
      co_await aws::find_denied_actions(session, principal, std::move(actions), role.role_arn);
  const std::string to_caller =
      "add sts:AssumeRole to the policies of " + principal + ", for " + role.role_arn;
  const std::string to_role =
      "the role's trust policy must name " + principal +
      (role.external_id.empty() ? " and require no external id"
                                : " and require no other external id than that of the rule");
  if (!denied) co_return refusal.message + ": " + to_caller + "; " + to_role;
  co_return refusal.message + ": " + (denied->empty() ? to_role : to_caller);
}

// "arn:aws:iam::111122223333:role/chandlery/billing" → "chandlery/billing of 111122223333"
std::string name_of(const std::string& role_arn) {
  constexpr std::string_view before_name = ":role/";
  const std::size_t at = role_arn.find(before_name);
  const std::size_t account = role_arn.rfind(':', at - 1) + 1;
  return role_arn.substr(at + before_name.size()) + " of " + role_arn.substr(account, at - account);
}

// What whoever works in another account needs there, and of the bucket.
std::vector<NeededActions> actions_there(const Options& options, const std::string& region,
                                         const std::string& account,
                                         const std::vector<NeededActions>& of_bucket) {
  std::vector<NeededActions> needed = actions_in_account(options, region, account);
  std::ranges::copy(of_bucket, std::back_inserter(needed));
  return needed;
}

}  // namespace

async::Task<> check_permissions(Findings& findings, std::string caller_arn, std::vector<NeededActions> needed,
                                aws::Session& session) {
  constexpr const char* what = "permissions";
  if (is_root(caller_arn)) {
    findings.skipped(what, "the root user of the account may do everything; use a role for the broker");
    co_return;
  }
  co_await ask_iam(findings, what, principal_of(caller_arn), std::move(needed), session);
}

async::Task<> check_role(Findings& findings, broker::Placement role, std::string caller_arn,
                         const Options& options, std::vector<NeededActions> of_bucket,
                         aws::Session& session) {
  const std::string what = "role " + name_of(role.role_arn);
  aws::AssumeRoleInput input{
      .role_arn = role.role_arn, .session_name = broker::role_session_name, .external_id = role.external_id};
  auto identity = co_await aws::Sts(session).assume_role(std::move(input));
  if (!identity) {
    std::string problem = identity.error().message;
    if (identity.error().kind == core::ErrorKind::forbidden)
      problem = co_await why_refused(identity.error(), role, principal_of(caller_arn), session);
    findings.failed(what, problem);
    co_return;
  }
  aws::SessionOptions taken = session.options();
  if (!role.region.empty()) taken.region = role.region;
  taken.credentials = std::make_shared<aws::StaticCredentials>(std::move(*identity));
  aws::Session there(std::move(taken));
  const auto caller = co_await aws::Sts(there).get_caller_identity();
  if (!caller) {
    findings.failed(what, caller.error().message);
    co_return;
  }
  findings.ok(what, "taken as " + caller->arn);
  co_await ask_iam(findings, "permissions of the " + what, role.role_arn,
                   actions_there(options, there.region(), caller->account, of_bucket), there);
}

async::Task<> check_keys(Findings& findings, const broker::BrokerOptions& broker, const Options& options,
                         std::vector<NeededActions> of_bucket, aws::Session& session) {
  const core::Result<broker::AccessKeys> keys = broker::access_keys(broker.overrides);
  if (!keys) co_return;  // broker_options_of has told
  const std::vector<broker::Placement> places = broker::places_to_search(broker);
  const std::vector<broker::Placement> roles = broker::target_roles(broker);
  for (const auto& [id, key] : *keys) {
    const std::string what = "keys of " + key.given_by;
    aws::Session there(broker::with_keys(session.options(), id, key.secret));
    const auto caller = co_await aws::Sts(there).get_caller_identity();
    if (!caller) {
      findings.failed(what, caller.error().message + ": replace them with keys of the same account");
      continue;
    }
    findings.ok(what, "those of " + caller->arn);
    const bool work_without_role = std::ranges::any_of(places, [&id](const broker::Placement& place) {
      return place.access_key_id == id && place.role_arn.empty();
    });
    if (work_without_role && !is_root(caller->arn)) {
      co_await ask_iam(findings, "permissions of the " + what, principal_of(caller->arn),
                       actions_there(options, there.region(), caller->account, of_bucket), there);
    }
    for (const broker::Placement& role : roles) {
      if (role.access_key_id == id)
        co_await check_role(findings, role, caller->arn, options, of_bucket, there);
    }
  }
}
