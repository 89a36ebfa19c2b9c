#include "catalog/policies/operation_status.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "catalog/api/annotations.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/policies/schedule.hpp"
#include "core/text.hpp"

namespace catalog {

namespace {

constexpr std::array in_flight{reasons::provision_request_in_flight, reasons::update_request_in_flight,
                               reasons::deprovision_request_in_flight, reasons::binding_request_in_flight,
                               reasons::unbinding_request_in_flight};

// A condition that is not true, but nothing to warn of.
constexpr std::array ordinary{reasons::provisioning,
                              reasons::updating_instance,
                              reasons::deprovisioning,
                              reasons::deprovisioned_successfully,
                              reasons::orphan_mitigation_successful,
                              reasons::binding,
                              reasons::unbinding,
                              reasons::unbound_successfully,
                              reasons::error_instance_not_ready};

constexpr std::size_t longest_description = 1000;  // bytes of a broker's words in a condition
constexpr std::size_t longest_last_words = 800;    // of those in the event of an end, whose message has 1024

bool is_one_of(std::span<const std::string_view> reasons, std::string_view reason) {
  return std::ranges::find(reasons, reason) != reasons.end();
}

bool is_warning(const json::object& condition) {
  bool holds = core::find_string(condition, {"status"}) == "True";
  std::string_view type = core::find_string(condition, {"type"});
  if (type == condition_type::progressing || type == condition_type::paused) return false;
  if (type != condition_type::ready) return holds;
  return !holds && !is_one_of(ordinary, core::find_string(condition, {"reason"}));
}

bool says_the_same(const json::object& left, const json::object& right) {
  for (std::string_view field : {"status", "reason", "message"}) {
    if (core::find_string(left, {field}) != core::find_string(right, {field})) return false;
  }
  return true;
}

}  // namespace

json::object& handled_of(json::object& status) {
  json::value& handled = status["handled"];
  if (!handled.is_object()) handled = json::object();
  return handled.as_object();
}

void handle(json::object& status, const ObjectView& object) {
  handled_of(status)["uid"] = kube::uid_of(object.object());
  std::string_view id = core::find_string(object.spec(), {"externalID"});
  if (!id.empty()) handled_of(status)["externalID"] = id;
}

void handle_secrets(json::object& status, std::string_view versions) {
  if (versions.empty()) {
    handled_of(status).erase("secretVersions");
  } else {
    handled_of(status)["secretVersions"] = versions;
  }
}

void start_operation(json::object& status, std::string_view operation, json::object properties,
                     core::SystemTime now) {
  clear_asynchronous(status);
  status["currentOperation"] = operation;
  status["operationStartTime"] = core::to_rfc3339(now);
  status["inProgressProperties"] = std::move(properties);
}

void operation_is_asynchronous(json::object& status, std::string_view operation_key) {
  status["asyncOpInProgress"] = true;
  if (operation_key.empty()) {
    status.erase("lastOperation");
  } else {
    status["lastOperation"] = operation_key;
  }
}

void operation_progresses(json::object& status, std::string_view reason, std::string_view description,
                          core::SystemTime now) {
  set_condition(status,
                {condition_type::progressing, ConditionStatus::is_true, std::string(reason),
                 core::shortened(description, longest_description)},
                now);
}

void pause_operation(json::object& status, bool deleting, core::SystemTime now) {
  std::string message =
      "The broker is not called while the annotation " + std::string(annotations::pause) + " is \"true\"";
  if (deleting) message += "; the deletion waits for its removal";
  set_condition(
      status,
      {condition_type::paused, ConditionStatus::is_true, std::string(reasons::paused), std::move(message)},
      now);
}

void clear_asynchronous(json::object& status) {
  status["asyncOpInProgress"] = false;
  status.erase("lastOperation");
  remove_condition(status, condition_type::progressing);
}

void clear_operation(json::object& status) {
  clear_asynchronous(status);
  for (std::string_view field : {"currentOperation", "operationStartTime", "inProgressProperties"})
    status.erase(field);
  clear_retry(status);
}

std::chrono::milliseconds schedule_retry(json::object& status, std::string_view error,
                                         std::optional<std::chrono::seconds> retry_after,
                                         core::SystemTime now) {
  auto attempts = static_cast<std::uint32_t>(core::find_int(status, {"retry", "attempts"}).value_or(0)) + 1;
  std::string since(core::find_string(status, {"retry", "since"}));
  if (since.empty()) since = core::to_rfc3339(now);
  std::chrono::milliseconds delay = retry_delay(attempts, retry_after);
  json::object retry{
      {"attempts", attempts}, {"since", since}, {"nextTime", core::to_rfc3339_micros(now + delay)}};
  if (!error.empty()) retry["lastError"] = error;
  status["retry"] = std::move(retry);
  return delay;
}

bool has_answer_since_start(const json::object& status) {
  auto next = core::parse_rfc3339(core::find_string(status, {"retry", "nextTime"}));
  auto start = core::parse_rfc3339(core::find_string(status, {"operationStartTime"}));
  return next && start && std::chrono::floor<std::chrono::seconds>(*next) > *start;
}

void clear_retry(json::object& status) {
  status.erase("retry");
}

std::string_view last_error(const json::object& status) {
  return core::find_string(status, {"retry", "lastError"});
}

std::string mitigation_message(const json::object& status) {
  std::string message = "Orphan mitigation was completed successfully";
  // What was refused for good is not tried again, whatever an earlier call has met.
  std::string_view cause = condition_is_true(status, condition_type::failed)
                               ? condition_message(status, condition_type::failed)
                               : last_error(status);
  if (!cause.empty()) message.append(". ").append(cause);
  return message;
}

std::string with_description(std::string message, std::string_view description) {
  if (description.empty()) return message;
  return message + ". The broker says: " + core::shortened(description, longest_last_words);
}

bool polled_too_long(const json::object& status, std::chrono::milliseconds limit, core::SystemTime now) {
  auto start = core::parse_rfc3339(core::find_string(status, {"operationStartTime"}));
  return start && now - *start >= limit;
}

bool tried_too_long(const json::object& status, std::chrono::milliseconds limit, core::SystemTime now) {
  auto first_failure = core::parse_rfc3339(core::find_string(status, {"retry", "since"}));
  return first_failure ? now - *first_failure >= limit : polled_too_long(status, limit, now);
}

std::vector<ConditionEvent> events_between(const json::object& before, const json::object& after) {
  std::vector<ConditionEvent> events;
  const json::array* conditions = core::find_array(after, {"conditions"});
  if (!conditions) return events;
  for (const json::value& entry : *conditions) {
    const json::object& condition = entry.as_object();
    const json::object* old = find_condition(before, core::find_string(condition, {"type"}));
    if (old && says_the_same(*old, condition)) continue;
    std::string_view reason = core::find_string(condition, {"reason"});
    if (is_one_of(in_flight, reason)) continue;
    ConditionEvent event{is_warning(condition), std::string(reason),
                         std::string(core::find_string(condition, {"message"}))};
    bool repeated = std::ranges::any_of(events, [&](const ConditionEvent& other) {
      return other.reason == event.reason && other.message == event.message;
    });
    if (!repeated) events.push_back(std::move(event));
  }
  return events;
}

}  // namespace catalog
