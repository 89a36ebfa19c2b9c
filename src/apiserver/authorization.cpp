#include "apiserver/authorization.hpp"

#include <algorithm>
#include <array>

namespace apiserver {

namespace {

bool starts_with_any(std::string_view path, std::initializer_list<std::string_view> roots) {
  return std::ranges::any_of(roots, [path](std::string_view root) {
    return path == root || (path.starts_with(root) && path[root.size()] == '/');
  });
}

bool is_self_review(const AccessQuestion& question) {
  constexpr std::array<std::string_view, 3> reviews{"selfsubjectaccessreviews", "selfsubjectrulesreviews",
                                                    "selfsubjectreviews"};
  return question.verb == "create" && std::ranges::find(reviews, question.resource) != reviews.end();
}

}  // namespace

AccessQuestion question_of(const RequestInfo& info) {
  return {.verb = info.verb,
          .is_resource = info.is_resource,
          .group = info.group,
          .resource = info.resource,
          .subresource = info.subresource,
          .namespace_ = info.namespace_,
          .name = info.name,
          .path = info.path};
}

bool is_public(std::string_view path) {
  return path == "/version" || starts_with_any(path, {"/healthz", "/readyz", "/livez"});
}

bool is_allowed(const UserInfo& user, const AccessQuestion& question) {
  if (std::ranges::find(user.groups, "system:masters") != user.groups.end()) return true;
  if (question.is_resource) return is_self_review(question);
  return question.verb == "get" &&
         (is_public(question.path) || starts_with_any(question.path, {"/api", "/apis", "/openapi"}));
}

std::unexpected<Failure> refuse_access(const UserInfo& user, const AccessQuestion& question) {
  const std::string who = "User \"" + user.username + "\" cannot " + question.verb;
  if (!question.is_resource) {
    return refuse({.kind = core::ErrorKind::forbidden,
                   .message = "forbidden: " + who + " path \"" + question.path + "\""});
  }
  const std::string resource =
      question.resource + (question.subresource.empty() ? "" : "/" + question.subresource);
  const std::string scope = question.namespace_.empty() ? " at the cluster scope"
                                                        : " in the namespace \"" + question.namespace_ + "\"";
  return refuse_forbidden(
      {.group = question.group, .version = {}, .kind = {}, .plural = question.resource}, question.name,
      who + " resource \"" + resource + "\" in API group \"" + question.group + "\"" + scope);
}

}  // namespace apiserver
