#include "catalog/policies/binding_status.hpp"

#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/policies/operation_status.hpp"

namespace catalog::binding_status {

namespace {

using Status = ConditionStatus;

void set_ready(json::object& status, Status value, std::string_view reason, std::string message,
               core::SystemTime now) {
  set_condition(status, {condition_type::ready, value, std::string(reason), std::move(message)}, now);
}

void set_failed(json::object& status, const Failure& failure, core::SystemTime now) {
  std::string_view reason = failure.failed_reason.empty() ? failure.reason : failure.failed_reason;
  set_condition(status, {condition_type::failed, Status::is_true, std::string(reason), failure.message}, now);
}

}  // namespace

void complete(json::object& status) {
  auto keep_or_set = [&](std::string_view field, json::value value) {
    if (!status.contains(field)) status[field] = std::move(value);
  };
  keep_or_set("conditions", json::array());
  keep_or_set("asyncOpInProgress", false);
  keep_or_set("orphanMitigationInProgress", false);
  keep_or_set("reconciledGeneration", 0);
  keep_or_set("unbindStatus", "NotRequired");
  keep_or_set("lastConditionState", "");
}

void observe(json::object& status, const BindingView& binding) {
  handle(status, binding);
  status["reconciledGeneration"] = binding.generation();
}

json::object properties(const BindingView& binding, const MergedParameters& parameters) {
  json::object result;
  if (!parameters.redacted.empty()) {
    result["parameters"] = parameters.redacted;
    result["parameterChecksum"] = parameters.checksum;
  }
  if (const json::object* user = binding.user_info()) result["userInfo"] = *user;
  return result;
}

void blocked(json::object& status, const Problem& problem, core::SystemTime now) {
  set_ready(status, Status::is_false, problem.reason, problem.message, now);
}

void started(json::object& status, Operation operation, json::object properties, core::SystemTime now) {
  if (operation == Operation::bind) {
    start_operation(status, "Bind", std::move(properties), now);
    status["unbindStatus"] = "Required";
    return set_ready(status, Status::is_false, reasons::binding_request_in_flight,
                     "Binding request for ServiceBinding in-flight to Broker", now);
  }
  clear_retry(status);
  start_operation(status, "Unbind", std::move(properties), now);
  status["orphanMitigationInProgress"] = false;
  status["unbindStatus"] = "Required";
  set_ready(status, Status::is_false, reasons::unbinding_request_in_flight,
            "Unbind request for ServiceBinding in-flight to Broker", now);
}

void asynchronous(json::object& status, Operation operation, std::string_view operation_key,
                  core::SystemTime now) {
  operation_is_asynchronous(status, operation_key);
  if (operation == Operation::bind) {
    set_ready(status, Status::is_false, reasons::binding, "The binding is being created asynchronously", now);
  } else {
    set_ready(status, Status::is_false, reasons::unbinding, "The binding is being deleted asynchronously",
              now);
  }
}

void bound(json::object& status, const BindingView& binding, std::string_view secret_version,
           core::SystemTime now) {
  if (const json::object* asked = core::find_object(status, {"inProgressProperties"})) {
    json::value kept = *asked;
    status["externalProperties"] = std::move(kept);
  }
  clear_operation(status);
  status["unbindStatus"] = "Required";
  observe(status, binding);
  // https://servicebinding.io/spec/core/1.1.0/#provisioned-service
  status["binding"] = json::object{{"name", binding.secret_name()}};
  status["secretVersion"] = secret_version;
  remove_condition(status, condition_type::failed);
  set_ready(status, Status::is_true, reasons::injected_bind_result, "Injected bind result", now);
}

void unbound(json::object& status, std::string_view description, core::SystemTime now) {
  bool mitigation = core::find_bool(status, {"orphanMitigationInProgress"}).value_or(false);
  json::object retry;
  if (const json::object* kept = core::find_object(status, {"retry"})) retry = *kept;
  clear_operation(status);
  if (mitigation && !retry.empty()) status["retry"] = std::move(retry);
  status["orphanMitigationInProgress"] = false;
  status["unbindStatus"] = "Succeeded";
  for (std::string_view field : {"externalProperties", "binding", "secretVersion"}) status.erase(field);
  if (!mitigation) status.erase("rotation");  // with the binding all its sets of credentials have ended
  if (mitigation) {
    set_ready(status, Status::is_false, reasons::orphan_mitigation_successful,
              with_description(mitigation_message(status), description), now);
  } else {
    set_ready(status, Status::is_false, reasons::unbound_successfully,
              with_description("The binding was deleted successfully", description), now);
  }
}

void let_go(json::object& status) {
  clear_operation(status);
  for (std::string_view field : {"externalProperties", "rotation"}) status.erase(field);
  status["orphanMitigationInProgress"] = false;
  status["unbindStatus"] = "NotRequired";
  remove_condition(status, condition_type::failed);
}

void injection_failed(json::object& status, std::string message, core::SystemTime now) {
  clear_asynchronous(status);
  schedule_retry(status, message, std::nullopt, now);
  set_ready(status, Status::is_false, reasons::error_injecting_bind_result, std::move(message), now);
}

void bind_failed(json::object& status, const Failure& failure, const BindingView& binding,
                 core::SystemTime now) {
  bool final = !failure.verdict.retry;
  // A refusal tells nothing of an earlier call, which may have been carried out: a deletion finds out.
  bool earlier_may_have = final && failure.repeated && !failure.taken;
  set_ready(status, Status::is_false, failure.reason, failure.message, now);
  if (final) {
    set_failed(status, failure, now);
    observe(status, binding);
  }
  clear_asynchronous(status);
  if (failure.verdict.mitigate_orphan) {
    status["orphanMitigationInProgress"] = true;
    set_ready(status, Status::is_false, reasons::binding_needs_orphan_mitigation,
              "Starting orphan mitigation. The error was: " + failure.message, now);
  } else if (final) {
    clear_operation(status);
    if (!earlier_may_have) status["unbindStatus"] = "NotRequired";
  }
  if (final) clear_retry(status);
  if (!final) schedule_retry(status, failure.message, failure.retry_after, now);
}

void unbind_failed(json::object& status, const Failure& failure, const BindingView& binding,
                   core::SystemTime now) {
  bool mitigation = core::find_bool(status, {"orphanMitigationInProgress"}).value_or(false);
  std::string message = mitigation ? "Orphan mitigation failed: " + failure.message : failure.message;
  set_ready(status, Status::unknown, mitigation ? reasons::orphan_mitigation_failed : failure.reason, message,
            now);
  clear_asynchronous(status);
  if (failure.verdict.retry) {
    std::string error(mitigation ? last_error(status) : message);
    schedule_retry(status, error, failure.retry_after, now);
    return;
  }
  if (!mitigation) set_failed(status, failure, now);
  clear_operation(status);
  observe(status, binding);
  status["unbindStatus"] = "Failed";
}

void polling_failed(json::object& status, std::string message, core::SystemTime now) {
  set_ready(status, Status::is_false, reasons::error_polling_last_operation, std::move(message), now);
}

}  // namespace catalog::binding_status
