#include "apiserver/authentication.hpp"

#include <algorithm>

#include "core/hash.hpp"
#include "core/text.hpp"

namespace apiserver {

namespace {

constexpr std::string_view authenticated = "system:authenticated";

UserInfo with_common_group(UserInfo user) {
  if (std::ranges::find(user.groups, authenticated) == user.groups.end())
    user.groups.emplace_back(authenticated);
  return user;
}

std::optional<std::string> bearer_token(const net::Request& request) {
  const std::string_view header = request.headers.get("Authorization");
  constexpr std::string_view scheme = "bearer ";
  if (!core::equal_ignoring_case(header.substr(0, scheme.size()), scheme)) return std::nullopt;
  return std::string(header.substr(scheme.size()));
}

}  // namespace

async::Task<std::optional<UserInfo>> Authentication::user_of_token(std::string token) {
  for (const Token& known : tokens_) {
    if (core::equal_constant_time(known.secret, token)) co_return with_common_group(known.user);
  }
  const auto account = service_accounts_.verify(token, clock_.system_now());
  if (!account) co_return std::nullopt;
  const KindPtr kind = registry_.find(kube::resources::service_accounts);
  kube::ObjectKey key{.namespace_ = account->namespace_, .name = account->name};
  const core::Result<Object> found = co_await store_.get(kind->key(key));
  if (!found || *found == nullptr || kube::uid_of(**found) != account->uid) co_return std::nullopt;
  UserInfo user{.username = "system:serviceaccount:" + account->namespace_ + ":" + account->name,
                .uid = account->uid,
                .groups = {"system:serviceaccounts", "system:serviceaccounts:" + account->namespace_},
                .extra = {}};
  co_return with_common_group(std::move(user));
}

async::Task<std::optional<UserInfo>> Authentication::authenticate(const net::Request& request) {
  if (std::optional<std::string> token = bearer_token(request))
    co_return co_await user_of_token(std::move(*token));
  if (request.peer.certificate && !request.peer.certificate->common_name.empty()) {
    UserInfo user{.username = request.peer.certificate->common_name,
                  .uid = {},
                  .groups = request.peer.certificate->organizations,
                  .extra = {}};
    co_return with_common_group(std::move(user));
  }
  if (request.peer.in_process) co_return with_common_group(in_process_user_);
  co_return std::nullopt;
}

std::optional<UserInfo> impersonated(const net::Request& request) {
  const std::string_view name = request.headers.get("Impersonate-User");
  if (name.empty()) return std::nullopt;
  UserInfo user{.username = std::string(name),
                .uid = std::string(request.headers.get("Impersonate-Uid")),
                .groups = {},
                .extra = {}};
  constexpr std::string_view group_header = "impersonate-group";
  for (const auto& [header, value] : request.headers) {
    if (core::equal_ignoring_case(header, group_header)) user.groups.push_back(value);
  }
  return with_common_group(std::move(user));
}

json::object to_json(const UserInfo& user) {
  json::object result{{"username", user.username}};
  if (!user.uid.empty()) result["uid"] = user.uid;
  json::array groups;
  for (const std::string& group : user.groups) groups.emplace_back(group);
  result["groups"] = std::move(groups);
  if (!user.extra.empty()) result["extra"] = user.extra;
  return result;
}

}  // namespace apiserver
