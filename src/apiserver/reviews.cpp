#include "apiserver/reviews.hpp"

#include <algorithm>

#include "apiserver/authorization.hpp"

namespace apiserver {

namespace {

constexpr std::int64_t default_token_seconds = 3600;
constexpr std::int64_t shortest_token_seconds = 600;
constexpr std::int64_t longest_token_seconds = std::int64_t{1} << 32;

bool is_token_request(const RequestInfo& info) {
  return info.group.empty() && info.resource == "serviceaccounts" && info.subresource == "token";
}

UserInfo user_of_spec(const json::object& object) {
  UserInfo user{.username = std::string(core::find_string(object, {"spec", "user"})),
                .uid = std::string(core::find_string(object, {"spec", "uid"})),
                .groups = {},
                .extra = {}};
  if (const json::array* groups = core::find_array(object, {"spec", "groups"})) {
    for (const json::value& group : *groups) {
      if (group.is_string()) user.groups.emplace_back(group.get_string());
    }
  }
  return user;
}

AccessQuestion question_of_spec(const json::object& object) {
  if (const json::object* path = core::find_object(object, {"spec", "nonResourceAttributes"})) {
    return {.verb = std::string(core::find_string(*path, {"verb"})),
            .is_resource = false,
            .path = std::string(core::find_string(*path, {"path"}))};
  }
  const auto part = [&object](std::string_view name) {
    return std::string(core::find_string(object, {"spec", "resourceAttributes", name}));
  };
  return {.verb = part("verb"),
          .is_resource = true,
          .group = part("group"),
          .resource = part("resource"),
          .subresource = part("subresource"),
          .namespace_ = part("namespace"),
          .name = part("name"),
          .path = {}};
}

json::object access_status(const UserInfo& user, const AccessQuestion& question) {
  if (is_allowed(user, question)) return {{"allowed", true}};
  return {{"allowed", false}};
}

json::object rules_status(const UserInfo& user) {
  const bool all = is_allowed(user, {.verb = "*", .resource = "*"});
  json::array resource_rules;
  json::array path_rules;
  if (all) {
    resource_rules.push_back(json::object{{"verbs", {"*"}}, {"apiGroups", {"*"}}, {"resources", {"*"}}});
    path_rules.push_back(json::object{{"verbs", {"*"}}, {"nonResourceURLs", {"*"}}});
  } else {
    resource_rules.push_back(json::object{
        {"verbs", {"create"}},
        {"apiGroups", {"authorization.k8s.io", "authentication.k8s.io"}},
        {"resources", {"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"}}});
    path_rules.push_back(json::object{{"verbs", {"get"}},
                                      {"nonResourceURLs",
                                       {"/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez",
                                        "/openapi", "/openapi/*", "/readyz", "/version"}}});
  }
  return {{"resourceRules", std::move(resource_rules)},
          {"nonResourceRules", std::move(path_rules)},
          {"incomplete", false}};
}

}  // namespace

std::span<const Question> questions() {
  static const Question all[] = {
      {{"authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", false},
       "selfsubjectaccessreview"},
      {{"authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", false},
       "selfsubjectrulesreview"},
      {{"authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", false},
       "subjectaccessreview"},
      {{"authorization.k8s.io", "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", true},
       "localsubjectaccessreview"},
      {{"authentication.k8s.io", "v1", "TokenReview", "tokenreviews", false}, "tokenreview"},
      {{"authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", false},
       "selfsubjectreview"},
  };
  return all;
}

bool Reviews::answers(const RequestInfo& info) {
  if (info.verb != "create") return false;
  if (is_token_request(info)) return true;
  return info.name.empty() && std::ranges::any_of(questions(), [&info](const Question& question) {
           return question.resource.group == info.group && question.resource.version == info.version &&
                  question.resource.plural == info.resource;
         });
}

async::Task<Answer<json::object>> Reviews::answer(RequestInfo info, UserInfo user, json::object object) {
  if (is_token_request(info)) co_return co_await issue_token(std::move(info), std::move(object));
  if (info.resource == "tokenreviews") co_return co_await review_token(std::move(object));
  const Question& question =
      *std::ranges::find(questions(), info.resource, [](const Question& one) { return one.resource.plural; });
  object["apiVersion"] = question.resource.api_version();
  object["kind"] = question.resource.kind;
  if (info.resource == "selfsubjectreviews") {
    object["metadata"] = {{"creationTimestamp", core::to_rfc3339(clock_.system_now())}};
    object["status"] = {{"userInfo", to_json(user)}};
  } else if (info.resource == "selfsubjectrulesreviews") {
    object["status"] = rules_status(user);
  } else if (info.resource == "selfsubjectaccessreviews") {
    object["status"] = access_status(user, question_of_spec(object));
  } else {
    const UserInfo asked = user_of_spec(object);
    if (asked.username.empty() && asked.groups.empty()) {
      co_return refuse_invalid(
          question.resource, "",
          {{.reason = "FieldValueInvalid",
            .message = "Invalid value: \"\": at least one of user or group must be specified",
            .field = "spec.user"}});
    }
    object["status"] = access_status(asked, question_of_spec(object));
  }
  co_return object;
}

async::Task<Answer<json::object>> Reviews::review_token(json::object object) {
  std::string token(core::find_string(object, {"spec", "token"}));
  const std::optional<UserInfo> user = co_await authentication_.user_of_token(std::move(token));
  object["apiVersion"] = "authentication.k8s.io/v1";
  object["kind"] = "TokenReview";
  if (user) {
    object["status"] = {
        {"authenticated", true}, {"user", to_json(*user)}, {"audiences", {ServiceAccountTokens::audience}}};
  } else {
    object["status"] = {{"authenticated", false}, {"error", "the token is not known, or has expired"}};
  }
  co_return object;
}

async::Task<Answer<json::object>> Reviews::issue_token(RequestInfo info, json::object object) {
  const KindPtr kind = registry_.find(kube::resources::service_accounts);
  kube::ObjectKey key{.namespace_ = info.namespace_, .name = info.name};
  const core::Result<Object> found = co_await store_.get(kind->key(key));
  if (!found) co_return refuse(found.error());
  if (*found == nullptr) co_return refuse_not_found(kind->resource, info.name);
  const std::int64_t seconds =
      core::find_int(object, {"spec", "expirationSeconds"}).value_or(default_token_seconds);
  if (seconds < shortest_token_seconds || seconds > longest_token_seconds) {
    const kube::Resource request{
        .group = "authentication.k8s.io", .version = "v1", .kind = "TokenRequest", .plural = "tokenrequests"};
    co_return refuse_invalid(
        request, "",
        {{.reason = "FieldValueInvalid",
          .message = "Invalid value: " + std::to_string(seconds) +
                     ": may not specify a duration less than 10 minutes or more than 2^32 "
                     "seconds",
          .field = "spec.expirationSeconds"}});
  }
  std::vector<std::string> audiences;
  if (const json::array* asked = core::find_array(object, {"spec", "audiences"})) {
    for (const json::value& one : *asked) {
      if (one.is_string()) audiences.emplace_back(one.get_string());
    }
  }
  if (audiences.empty()) audiences.emplace_back(ServiceAccountTokens::audience);
  const ServiceAccountIdentity account{
      .namespace_ = info.namespace_, .name = info.name, .uid = std::string(kube::uid_of(**found))};
  const core::SystemTime now = clock_.system_now();
  object["apiVersion"] = "authentication.k8s.io/v1";
  object["kind"] = "TokenRequest";
  object["metadata"] = {
      {"name", info.name}, {"namespace", info.namespace_}, {"creationTimestamp", core::to_rfc3339(now)}};
  json::object spec{{"expirationSeconds", seconds}};
  json::array& audience_list = spec["audiences"].emplace_array();
  for (const std::string& one : audiences) audience_list.emplace_back(one);
  object["spec"] = std::move(spec);
  object["status"] = {{"token", authentication_.service_accounts().issue(account, audiences, now,
                                                                         std::chrono::seconds(seconds))},
                      {"expirationTimestamp", core::to_rfc3339(now + std::chrono::seconds(seconds))}};
  co_return object;
}

}  // namespace apiserver
