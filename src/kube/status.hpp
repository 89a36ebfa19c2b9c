// core::Error ↔ metav1.Status, the body of every answer ≥ 400 of a Kubernetes API. The table is in
// status.cpp. Source:
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#response-status-kind
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"
#include "kube/resource.hpp"
#include "net/http.hpp"

namespace kube {

struct StatusCause {
  std::string
      reason;  // "FieldValueInvalid", "FieldValueRequired", "FieldValueNotSupported", "FieldValueForbidden" …
  std::string message;  // "Invalid value: \"x\": must be …"
  std::string field;    // "spec.url"
};

struct StatusDetails {
  std::string name = {}, group = {}, kind = {}, uid = {};
  std::vector<StatusCause> causes = {};
};

// --- what a server answers ---
// The reason is error.code where that is one of the API's reasons, else it follows from the kind; the code is
// error.http_status where set, else it follows from the reason. So {invalid, code ""} is 400 BadRequest and
// {invalid, code "Invalid"} or {unprocessable} is 422 Invalid.
[[nodiscard]] json::object status_of_error(const core::Error& error, const StatusDetails& details = {});
[[nodiscard]] json::object success_status(const StatusDetails& details = {});
[[nodiscard]] int http_status_of_error(const core::Error& error);  // the same table

// The API's usual errors, in its usual words.
[[nodiscard]] core::Error not_found(const Resource& resource, std::string_view name);
[[nodiscard]] core::Error already_exists(const Resource& resource, std::string_view name);
[[nodiscard]] core::Error conflict(const Resource& resource, std::string_view name,
                                   std::string_view why = {});
[[nodiscard]] core::Error invalid_object(const Resource& resource, std::string_view name,
                                         const std::vector<StatusCause>& causes);
[[nodiscard]] core::Error too_old(std::string_view asked, std::string_view oldest);  // 410 Expired
[[nodiscard]] core::Error bad_request(std::string message);

// --- what a client reads ---
// http_status: of the answer, where the Status itself has no code.
[[nodiscard]] core::Error error_of_status(const json::object& status, int http_status = 0);
// Any answer ≥ 400, also one whose body is no Status (a proxy's HTML page): then the message says so, with
// its first words.
[[nodiscard]] core::Error error_of_reply(const net::Reply& reply);

}  // namespace kube
