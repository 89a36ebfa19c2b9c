#include "osb/answers.hpp"

#include <array>

#include "net/router.hpp"

namespace osb {

namespace {

int status_of(const core::Error& error) {
  switch (error.kind) {
    case core::ErrorKind::unprocessable:
      return 422;
    case core::ErrorKind::already_exists:
      return 409;
    case core::ErrorKind::timeout:
    case core::ErrorKind::protocol:
    case core::ErrorKind::forbidden:        // AWS refused the broker, not the broker its client
    case core::ErrorKind::unauthenticated:  // the same; routes.cpp answers 401 to the broker's own clients
      return 500;
    default:
      return core::status_of_kind(error.kind);
  }
}

void set_text(json::object& body, std::string_view key, const std::string& text) {
  if (!text.empty()) body[key] = text;
}

void set_value(json::object& body, std::string_view key, const json::value& value) {
  if (!value.is_null()) body[key] = value;
}

// The fields of answers that came after 2.13, with the minor version that brought them (release-notes.md).
constexpr std::array<std::pair<std::string_view, int>, 5> newer_fields{{{"endpoints", 15},
                                                                        {"maintenance_info", 15},
                                                                        {"metadata", 16},
                                                                        {"instance_usable", 16},
                                                                        {"update_repeatable", 16}}};

net::Response with_body(int status, json::object body, int minor_version) {
  for (const auto& [field, since] : newer_fields) {
    if (minor_version < since) body.erase(field);
  }
  return net::json_response(status, core::to_text(body));
}

int creation_status(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return 201;
    case Outcome::unchanged:
      return 200;
    case Outcome::in_progress:
      return 202;
  }
  return 500;
}

int change_status(Outcome outcome) {
  return outcome == Outcome::in_progress ? 202 : 200;
}

std::string_view state_name(OperationState state) {
  switch (state) {
    case OperationState::in_progress:
      return "in progress";
    case OperationState::succeeded:
      return "succeeded";
    case OperationState::failed:
      return "failed";
  }
  return "failed";
}

}  // namespace

net::Response answer(const ProvisionResponse& response, int minor_version) {
  json::object body;
  set_text(body, "dashboard_url", response.dashboard_url);
  set_text(body, "operation", response.operation);
  set_value(body, "metadata", response.metadata);
  return with_body(creation_status(response.outcome), body, minor_version);
}

net::Response answer(const UpdateResponse& response, int minor_version) {
  json::object body;
  set_text(body, "dashboard_url", response.dashboard_url);
  set_text(body, "operation", response.operation);
  set_value(body, "metadata", response.metadata);
  return with_body(change_status(response.outcome), body, minor_version);
}

net::Response answer(const DeprovisionResponse& response, int minor_version) {
  json::object body;
  set_text(body, "operation", response.operation);
  return with_body(change_status(response.outcome), body, minor_version);
}

net::Response answer(const BindResponse& response, int minor_version) {
  json::object body;
  if (response.outcome == Outcome::in_progress) {
    set_text(body, "operation", response.operation);
    return with_body(202, body, minor_version);
  }
  set_value(body, "credentials", response.credentials);
  set_value(body, "metadata", response.metadata);
  set_value(body, "endpoints", response.endpoints);
  set_value(body, "volume_mounts", response.volume_mounts);
  set_text(body, "syslog_drain_url", response.syslog_drain_url);
  set_text(body, "route_service_url", response.route_service_url);
  return with_body(creation_status(response.outcome), body, minor_version);
}

net::Response answer(const LastOperationResponse& response, int minor_version) {
  json::object body{{"state", state_name(response.state)}};
  set_text(body, "description", response.description);
  if (response.instance_usable) body["instance_usable"] = *response.instance_usable;
  if (response.update_repeatable) body["update_repeatable"] = *response.update_repeatable;
  net::Response answer = with_body(200, body, minor_version);
  constexpr int retry_after_since = 15;
  if (response.retry_after && minor_version >= retry_after_since)
    answer.headers.set("Retry-After", std::to_string(response.retry_after->count()));
  return answer;
}

net::Response answer(const FetchInstanceResponse& response, int minor_version) {
  json::object body;
  set_text(body, "service_id", response.service_id);
  set_text(body, "plan_id", response.plan_id);
  set_text(body, "dashboard_url", response.dashboard_url);
  set_value(body, "parameters", response.parameters);
  set_value(body, "maintenance_info", response.maintenance_info);
  set_value(body, "metadata", response.metadata);
  return with_body(200, body, minor_version);
}

net::Response answer(const FetchBindingResponse& response, int minor_version) {
  json::object body;
  set_value(body, "credentials", response.credentials);
  set_value(body, "parameters", response.parameters);
  set_value(body, "metadata", response.metadata);
  set_value(body, "endpoints", response.endpoints);
  set_value(body, "volume_mounts", response.volume_mounts);
  set_text(body, "syslog_drain_url", response.syslog_drain_url);
  set_text(body, "route_service_url", response.route_service_url);
  return with_body(200, body, minor_version);
}

net::Response answer(const core::Error& error) {
  const int status = status_of(error);
  if (status == 410) return with_body(410, {}, newest_minor_version);
  json::object body;
  // CamelCase codes of the specification and of AWS both fit; anything else is left out.
  if (!error.code.empty() && error.code.find_first_of(" .:-_") == std::string::npos)
    body["error"] = error.code;
  set_text(body, "description", error.message);
  net::Response answer = with_body(status, body, newest_minor_version);
  if (error.kind == core::ErrorKind::throttled || error.retry_after) {
    answer.headers.set("Retry-After",
                       std::to_string(error.retry_after.value_or(std::chrono::seconds(5)).count()));
  }
  return answer;
}

}  // namespace osb
