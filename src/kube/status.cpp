#include "kube/status.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace kube {
namespace {

using core::ErrorKind;

struct ReasonRow {
  std::string_view reason;
  int code;
  ErrorKind kind;  // what a client reads it as
};

// The first row of a code is what an answer without a reason stands for.
constexpr std::array reasons{
    ReasonRow{"BadRequest", 400, ErrorKind::invalid},
    ReasonRow{"Unauthorized", 401, ErrorKind::unauthenticated},
    ReasonRow{"Forbidden", 403, ErrorKind::forbidden},
    ReasonRow{"NotFound", 404, ErrorKind::not_found},
    ReasonRow{"MethodNotAllowed", 405, ErrorKind::invalid},
    ReasonRow{"NotAcceptable", 406, ErrorKind::invalid},
    ReasonRow{"Conflict", 409, ErrorKind::conflict},
    ReasonRow{"AlreadyExists", 409, ErrorKind::already_exists},
    ReasonRow{"Expired", 410, ErrorKind::gone},
    ReasonRow{"Gone", 410, ErrorKind::gone},
    ReasonRow{"RequestEntityTooLarge", 413, ErrorKind::too_large},
    ReasonRow{"UnsupportedMediaType", 415, ErrorKind::invalid},
    ReasonRow{"Invalid", 422, ErrorKind::invalid},
    ReasonRow{"TooManyRequests", 429, ErrorKind::throttled},
    ReasonRow{"InternalError", 500, ErrorKind::unavailable},
    ReasonRow{"ServerTimeout", 500, ErrorKind::unavailable},
    ReasonRow{"ServiceUnavailable", 503, ErrorKind::unavailable},
    ReasonRow{"Timeout", 504, ErrorKind::timeout},
};

const ReasonRow* row_of_reason(std::string_view reason) {
  const auto* row = std::ranges::find(reasons, reason, &ReasonRow::reason);
  return row == reasons.end() ? nullptr : row;
}

const ReasonRow* row_of_code(int code) {
  const auto* row = std::ranges::find(reasons, code, &ReasonRow::code);
  return row == reasons.end() ? nullptr : row;
}

std::string_view reason_of_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return "BadRequest";
    case ErrorKind::unauthenticated:
      return "Unauthorized";
    case ErrorKind::forbidden:
      return "Forbidden";
    case ErrorKind::not_found:
      return "NotFound";
    case ErrorKind::already_exists:
      return "AlreadyExists";
    case ErrorKind::conflict:
      return "Conflict";
    case ErrorKind::gone:
      return "Expired";
    case ErrorKind::unprocessable:
      return "Invalid";
    case ErrorKind::too_large:
      return "RequestEntityTooLarge";
    case ErrorKind::timeout:
      return "Timeout";
    case ErrorKind::unavailable:
      return "ServiceUnavailable";
    case ErrorKind::throttled:
      return "TooManyRequests";
    case ErrorKind::protocol:
    case ErrorKind::internal:
      return "InternalError";
  }
  std::unreachable();
}

// What an error is answered with. A code of another protocol (OSB, AWS) in error.code is no reason of this
// one.
struct Answer {
  std::string_view reason;
  int code;
};
Answer answer_of(const core::Error& error) {
  if (const ReasonRow* row = row_of_reason(error.code)) {
    return {row->reason, error.http_status >= 400 ? error.http_status : row->code};
  }
  const ReasonRow* by_kind = row_of_reason(reason_of_kind(error.kind));
  if (error.http_status < 400) return {by_kind->reason, by_kind->code};
  const ReasonRow* by_code = row_of_code(error.http_status);
  return {by_code != nullptr ? by_code->reason : by_kind->reason, error.http_status};
}

json::object details_json(const StatusDetails& details) {
  json::object result;
  if (!details.name.empty()) result["name"] = details.name;
  if (!details.group.empty()) result["group"] = details.group;
  if (!details.kind.empty()) result["kind"] = details.kind;
  if (!details.uid.empty()) result["uid"] = details.uid;
  if (!details.causes.empty()) {
    json::array& causes = result["causes"].emplace_array();
    for (const StatusCause& cause : details.causes) {
      json::object& entry = causes.emplace_back(json::object()).get_object();
      if (!cause.reason.empty()) entry["reason"] = cause.reason;
      if (!cause.message.empty()) entry["message"] = cause.message;
      if (!cause.field.empty()) entry["field"] = cause.field;
    }
  }
  return result;
}

json::object new_status(std::string_view status) {
  return {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", status}};
}

std::string dotted(std::string_view name, std::string_view group) {
  std::string result(name);
  if (!group.empty()) result.append(".").append(group);
  return result;
}

core::Error api_error(ErrorKind kind, std::string_view reason, std::string message) {
  return {.kind = kind,
          .message = std::move(message),
          .code = std::string(reason),
          .http_status = row_of_reason(reason)->code};
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

std::optional<std::chrono::seconds> seconds_of(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (problem != std::errc() || end != text.data() + text.size() || count < 0) return std::nullopt;
  return std::chrono::seconds(count);
}

}  // namespace

json::object status_of_error(const core::Error& error, const StatusDetails& details) {
  const Answer answer = answer_of(error);
  json::object status = new_status("Failure");
  status["message"] = error.message;
  status["reason"] = answer.reason;
  json::object detail_members = details_json(details);
  if (error.retry_after) detail_members["retryAfterSeconds"] = error.retry_after->count();
  if (!detail_members.empty()) status["details"] = std::move(detail_members);
  status["code"] = answer.code;
  return status;
}

json::object success_status(const StatusDetails& details) {
  json::object status = new_status("Success");
  json::object detail_members = details_json(details);
  if (!detail_members.empty()) status["details"] = std::move(detail_members);
  return status;
}

int http_status_of_error(const core::Error& error) {
  return answer_of(error).code;
}

core::Error not_found(const Resource& resource, std::string_view name) {
  return api_error(ErrorKind::not_found, "NotFound",
                   dotted(resource.plural, resource.group) + " " + quoted(name) + " not found");
}

core::Error already_exists(const Resource& resource, std::string_view name) {
  return api_error(ErrorKind::already_exists, "AlreadyExists",
                   dotted(resource.plural, resource.group) + " " + quoted(name) + " already exists");
}

core::Error conflict(const Resource& resource, std::string_view name, std::string_view why) {
  constexpr std::string_view modified =
      "the object has been modified; please apply your changes to the latest version and try again";
  return api_error(ErrorKind::conflict, "Conflict",
                   "Operation cannot be fulfilled on " + dotted(resource.plural, resource.group) + " " +
                       quoted(name) + ": " + std::string(why.empty() ? modified : why));
}

core::Error invalid_object(const Resource& resource, std::string_view name,
                           const std::vector<StatusCause>& causes) {
  std::string list;
  for (const StatusCause& cause : causes) {
    if (!list.empty()) list += ", ";
    if (!cause.field.empty()) list += cause.field + ": ";
    list += cause.message;
  }
  if (causes.size() > 1) list = "[" + list + "]";
  return api_error(ErrorKind::invalid, "Invalid",
                   dotted(resource.kind, resource.group) + " " + quoted(name) + " is invalid: " + list);
}

core::Error too_old(std::string_view asked, std::string_view oldest) {
  return api_error(ErrorKind::gone, "Expired",
                   "too old resource version: " + std::string(asked) + " (" + std::string(oldest) + ")");
}

core::Error bad_request(std::string message) {
  return api_error(ErrorKind::invalid, "BadRequest", std::move(message));
}

core::Error error_of_status(const json::object& status, int http_status) {
  const std::string_view reason = core::find_string(status, {"reason"});
  const int code = static_cast<int>(core::find_int(status, {"code"}).value_or(http_status));
  const ReasonRow* row = row_of_reason(reason);
  // A server newer than this table may have reasons of its own; the code still says what kind it is.
  if (row == nullptr) row = row_of_code(code);
  core::Error error;
  error.kind = row != nullptr ? row->kind : code >= 400 ? core::kind_of_status(code) : ErrorKind::internal;
  error.message = core::find_string(status, {"message"});
  if (error.message.empty())
    error.message = "the API server answered " + std::to_string(code) + " without a message";
  error.code = reason.empty() && row != nullptr ? row->reason : reason;
  error.http_status = code;
  if (const auto seconds = core::find_int(status, {"details", "retryAfterSeconds"});
      seconds && *seconds > 0) {
    error.retry_after = std::chrono::seconds(*seconds);
  }
  return error;
}

core::Error error_of_reply(const net::Reply& reply) {
  core::Error error;
  const core::Result<json::value> body = core::parse_json(reply.body);
  if (body && body->is_object() && core::find_string(*body, {"kind"}) == "Status") {
    error = error_of_status(body->get_object(), reply.status);
  } else {
    const ReasonRow* row = row_of_code(reply.status);
    error.kind = row != nullptr ? row->kind : core::kind_of_status(reply.status);
    error.code = row != nullptr ? row->reason : "";
    error.http_status = reply.status;
    constexpr std::size_t enough = 200;
    std::string beginning = reply.body.substr(0, enough);
    std::ranges::replace_if(beginning, [](unsigned char c) { return c < ' '; }, ' ');
    error.message = "the API server answered " + std::to_string(reply.status) + " with no Status" +
                    (beginning.empty() ? std::string() : ": " + beginning);
  }
  if (!error.retry_after) error.retry_after = seconds_of(reply.headers.get("Retry-After"));
  return error;
}

}  // namespace kube
