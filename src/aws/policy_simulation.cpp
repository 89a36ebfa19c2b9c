#include "aws/policy_simulation.hpp"

#include "aws/query_protocol.hpp"

namespace aws {

async::Task<core::Result<std::vector<std::string>>> find_denied_actions(
    Session& session, std::string principal_arn, std::vector<std::string> actions, std::string resource_arn,
    std::vector<std::pair<std::string, std::string>> context) {
  QueryParameters query;
  query.add("PolicySourceArn", principal_arn);
  query.add("ResourceArns.member.1", resource_arn);
  query.add("MaxItems", "1000");
  for (std::size_t i = 0; i < actions.size(); ++i)
    query.add("ActionNames.member." + std::to_string(i + 1), actions[i]);
  for (std::size_t i = 0; i < context.size(); ++i) {
    const std::string entry = "ContextEntries.member." + std::to_string(i + 1) + ".";
    query.add(entry + "ContextKeyName", context[i].first);
    query.add(entry + "ContextKeyType", "string");
    query.add(entry + "ContextKeyValues.member.1", context[i].second);
  }
  const auto answer =
      co_await call_query(session, Service::iam, "2010-05-08", "SimulatePrincipalPolicy", std::move(query));
  if (!answer) co_return core::fail(answer.error());
  std::vector<std::string> denied;
  for (const pugi::xml_node& result : answer->result.child("EvaluationResults").children("member")) {
    if (std::string_view(result.child_value("EvalDecision")) != "allowed")
      denied.emplace_back(result.child_value("EvalActionName"));
  }
  co_return denied;
}

}  // namespace aws
