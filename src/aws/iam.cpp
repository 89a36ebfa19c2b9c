#include "aws/iam.hpp"

#include "aws/page_cursor.hpp"
#include "aws/query_protocol.hpp"
#include "core/hash.hpp"

namespace aws {

namespace {

constexpr const char* version = "2010-05-08";

QueryParameters to_query(const std::vector<std::pair<std::string, std::string>>& pairs) {
  QueryParameters parameters;
  for (const auto& [name, value] : pairs) parameters.add(name, value);
  return parameters;
}

}  // namespace

async::Task<core::Result<>> Iam::act(std::string action, Parameters parameters) {
  QueryParameters query = to_query(parameters);
  auto answer = co_await call_query(session_, Service::iam, version, std::move(action), std::move(query));
  if (!answer) co_return core::fail(std::move(answer.error()));
  co_return core::Result<>();
}

async::Task<core::Result<std::vector<std::string>>> Iam::list(std::string action, std::string user,
                                                              std::string list_name, std::string element) {
  std::vector<std::string> values;
  PageCursor pages;
  while (true) {
    QueryParameters query;
    query.add("UserName", user);
    query.add_if("Marker", pages.token());
    auto answer = co_await call_query(session_, Service::iam, version, action, std::move(query));
    if (!answer) co_return core::fail(std::move(answer.error()));
    for (const auto& member : members(answer->result.child(list_name.c_str()))) {
      values.emplace_back(element.empty() ? member.child_value() : member.child_value(element.c_str()));
    }
    const bool truncated = std::string_view(answer->result.child_value("IsTruncated")) == "true";
    const auto goes_on = pages.advance(truncated ? answer->result.child_value("Marker") : "");
    if (!goes_on) co_return core::fail(goes_on.error().with_context(action));
    if (!*goes_on) co_return values;
  }
}

async::Task<core::Result<>> Iam::create_user(std::string user, std::string path,
                                             std::vector<std::pair<std::string, std::string>> tags) {
  QueryParameters query;
  query.add("UserName", user);
  query.add("Path", path);
  query.add_pairs("Tags", "Key", "Value", tags);
  auto answer = co_await call_query(session_, Service::iam, version, "CreateUser", std::move(query));
  if (!answer) co_return core::fail(std::move(answer.error()));
  co_return core::Result<>();
}

async::Task<core::Result<>> Iam::delete_user(std::string user) {
  Parameters parameters{{"UserName", std::move(user)}};
  co_return co_await act("DeleteUser", std::move(parameters));
}

async::Task<core::Result<std::vector<std::pair<std::string, std::string>>>> Iam::list_user_tags(
    std::string user) {
  QueryParameters query;
  query.add("UserName", user);
  query.add("MaxItems", "100");  // more than the 50 that a user can have
  auto answer = co_await call_query(session_, Service::iam, version, "ListUserTags", std::move(query));
  if (!answer) co_return core::fail(std::move(answer.error()));
  std::vector<std::pair<std::string, std::string>> tags;
  for (const auto& member : members(answer->result.child("Tags")))
    tags.emplace_back(member.child_value("Key"), member.child_value("Value"));
  co_return tags;
}

async::Task<core::Result<>> Iam::put_user_policy(std::string user, std::string policy, std::string document) {
  Parameters parameters{{"UserName", std::move(user)},
                        {"PolicyName", std::move(policy)},
                        {"PolicyDocument", std::move(document)}};
  co_return co_await act("PutUserPolicy", std::move(parameters));
}

async::Task<core::Result<>> Iam::delete_user_policy(std::string user, std::string policy) {
  Parameters parameters{{"UserName", std::move(user)}, {"PolicyName", std::move(policy)}};
  co_return co_await act("DeleteUserPolicy", std::move(parameters));
}

async::Task<core::Result<std::vector<std::string>>> Iam::list_user_policies(std::string user) {
  return list("ListUserPolicies", std::move(user), "PolicyNames", "");
}

async::Task<core::Result<std::string>> Iam::get_user_policy(std::string user, std::string policy) {
  Parameters parameters{{"UserName", std::move(user)}, {"PolicyName", std::move(policy)}};
  QueryParameters query = to_query(parameters);
  auto answer = co_await call_query(session_, Service::iam, version, "GetUserPolicy", std::move(query));
  if (!answer) co_return core::fail(std::move(answer.error()));
  co_return core::percent_decode(answer->result.child_value("PolicyDocument"));  // IAM answers it URL-encoded
}

async::Task<core::Result<std::vector<std::string>>> Iam::list_attached_user_policies(std::string user) {
  return list("ListAttachedUserPolicies", std::move(user), "AttachedPolicies", "PolicyArn");
}

async::Task<core::Result<>> Iam::attach_user_policy(std::string user, std::string policy_arn) {
  Parameters parameters{{"UserName", std::move(user)}, {"PolicyArn", std::move(policy_arn)}};
  co_return co_await act("AttachUserPolicy", std::move(parameters));
}

async::Task<core::Result<>> Iam::detach_user_policy(std::string user, std::string policy_arn) {
  Parameters parameters{{"UserName", std::move(user)}, {"PolicyArn", std::move(policy_arn)}};
  co_return co_await act("DetachUserPolicy", std::move(parameters));
}

async::Task<core::Result<AccessKey>> Iam::create_access_key(std::string user) {
  QueryParameters query;
  query.add("UserName", user);
  auto answer = co_await call_query(session_, Service::iam, version, "CreateAccessKey", std::move(query),
                                    Repetition::makes_another);
  if (!answer) co_return core::fail(std::move(answer.error()));
  const pugi::xml_node key = answer->result.child("AccessKey");
  co_return AccessKey{.id = key.child_value("AccessKeyId"), .secret = key.child_value("SecretAccessKey")};
}

async::Task<core::Result<std::vector<std::string>>> Iam::list_access_keys(std::string user) {
  return list("ListAccessKeys", std::move(user), "AccessKeyMetadata", "AccessKeyId");
}

async::Task<core::Result<>> Iam::delete_access_key(std::string user, std::string access_key_id) {
  Parameters parameters{{"UserName", std::move(user)}, {"AccessKeyId", std::move(access_key_id)}};
  co_return co_await act("DeleteAccessKey", std::move(parameters));
}

async::Task<core::Result<>> Iam::attach_role_policy(std::string role, std::string policy_arn) {
  Parameters parameters{{"RoleName", std::move(role)}, {"PolicyArn", std::move(policy_arn)}};
  co_return co_await act("AttachRolePolicy", std::move(parameters));
}

async::Task<core::Result<>> Iam::detach_role_policy(std::string role, std::string policy_arn) {
  Parameters parameters{{"RoleName", std::move(role)}, {"PolicyArn", std::move(policy_arn)}};
  co_return co_await act("DetachRolePolicy", std::move(parameters));
}

}  // namespace aws
