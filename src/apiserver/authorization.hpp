// Who may do what. The rule is simple: system:masters may do everything; everybody who is known may look at
// what is served and ask about themselves. Pure.
#pragma once

#include <string>

#include "apiserver/admission.hpp"
#include "apiserver/answer.hpp"
#include "apiserver/request_info.hpp"

namespace apiserver {

struct AccessQuestion {
  std::string verb;
  bool is_resource = true;
  std::string group, resource, subresource, namespace_, name;
  std::string path;  // where it is no resource
};

[[nodiscard]] AccessQuestion question_of(const RequestInfo& info);
[[nodiscard]] bool is_allowed(const UserInfo& user, const AccessQuestion& question);
// Needs no credentials: /healthz, /readyz, /livez, /version.
[[nodiscard]] bool is_public(std::string_view path);

// 403 in the API's words: `secrets "x" is forbidden: User "bob" cannot get resource "secrets" in …`
[[nodiscard]] std::unexpected<Failure> refuse_access(const UserInfo& user, const AccessQuestion& question);

}  // namespace apiserver
