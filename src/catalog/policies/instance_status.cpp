#include "catalog/policies/instance_status.hpp"

#include <algorithm>
#include <vector>

#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/policies/operation_status.hpp"

namespace catalog::instance_status {

namespace {

using Status = ConditionStatus;

constexpr std::string_view unrepeatable_update = "unrepeatableUpdate";
constexpr std::string_view parameter_checksum_property = "parameterChecksum";
constexpr std::string_view unconfirmed_update = "unconfirmedUpdate";
constexpr std::string_view unconfirmed_provision = "unconfirmedProvision";
constexpr std::size_t most_unconfirmed_plans = 16;
constexpr std::string_view adoption_in_progress = "adoptionInProgress";

void set_ready(json::object& status, Status value, std::string_view reason, std::string message,
               core::SystemTime now) {
  set_condition(status, {condition_type::ready, value, std::string(reason), std::move(message)}, now);
}

void set_failed(json::object& status, std::string_view reason, std::string message, core::SystemTime now) {
  set_condition(status, {condition_type::failed, Status::is_true, std::string(reason), std::move(message)},
                now);
}

void keep_or_set(json::object& status, std::string_view field, json::value value) {
  if (!status.contains(field)) status[field] = std::move(value);
}

void set_version(json::object& status, std::string_view which, const json::object* maintenance_info) {
  json::object versions;
  if (const json::object* known = core::find_object(status, {"maintenanceInfo"})) versions = *known;
  if (maintenance_info && !maintenance_info->empty()) {
    versions[which] = *maintenance_info;
  } else {
    versions.erase(which);
  }
  if (versions.empty()) {
    status.erase("maintenanceInfo");
  } else {
    status["maintenanceInfo"] = std::move(versions);
  }
}

void end_operation(json::object& status) {
  clear_operation(status);
  ask_for_version(status, nullptr);
}

// The broker has carried out what the operation asked for.
void carried_out(json::object& status) {
  if (const json::object* properties = core::find_object(status, {"inProgressProperties"})) {
    json::value kept = *properties;
    status["externalProperties"] = std::move(kept);
  }
  set_version(status, "used", core::find_object(status, {"maintenanceInfo", "asked"}));
  end_operation(status);
  bool upgraded = core::find_string(status, {"upgrade", "to"}) ==
                  core::find_string(status, {"maintenanceInfo", "used", "version"});
  if (upgraded) status.erase("upgrade");
  status["provisionStatus"] = "Provisioned";
  status["deprovisionStatus"] = "Required";
  status["reconciledGeneration"] = core::find_int(status, {"observedGeneration"}).value_or(0);
  remove_condition(status, condition_type::failed);
  remove_condition(status, condition_type::unusable);
  for (std::string_view told :
       {unrepeatable_update, unconfirmed_update, unconfirmed_provision, adoption_in_progress})
    status.erase(told);
}

std::string plan_id_in(const json::object& properties) {
  for (const Scope* scope : {&cluster_scope(), &namespaced_scope()}) {
    std::string_view id = core::find_string(properties, {scope->plan_external_id_property});
    if (!id.empty()) return std::string(id);
  }
  return {};
}

void keep_unconfirmed(json::object& status, const Unconfirmed& unconfirmed) {
  if (!unconfirmed.plan && !unconfirmed.parameters) return;
  status[unconfirmed_update] =
      json::object{{"plan", unconfirmed.plan}, {"parameters", unconfirmed.parameters}};
}

std::vector<std::string> unconfirmed_plans(const json::object& status) {
  std::vector<std::string> plans;
  const json::array* kept = core::find_array(status, {unconfirmed_provision, "planIDs"});
  if (!kept) return plans;
  for (const json::value& plan : *kept) {
    if (plan.is_string()) plans.emplace_back(plan.get_string());
  }
  return plans;
}

void add_plan_asked_for(const json::object& status, std::vector<std::string>& plans) {
  const json::object* asked = core::find_object(status, {"inProgressProperties"});
  std::string plan = asked ? plan_id_in(*asked) : std::string();
  bool known = std::ranges::find(plans, plan) != plans.end();
  if (!plan.empty() && !known && plans.size() < most_unconfirmed_plans) plans.push_back(std::move(plan));
}

void keep_plans(json::object& status, const std::vector<std::string>& plans) {
  if (plans.empty()) return;
  status[unconfirmed_provision] = json::object{{"planIDs", json::array(plans.begin(), plans.end())}};
}

// The broker refused the delete, perhaps because it has the instance with another of the plans.
void take_next_plan(json::object& status) {
  std::vector<std::string> plans = unconfirmed_plans(status);
  if (plans.empty()) return;
  add_plan_asked_for(status, plans);
  std::ranges::rotate(plans, plans.begin() + 1);
  keep_plans(status, plans);
}

// What an update is told by in status.unrepeatableUpdate: its plan and the checksum of its parameters.
std::string asked_for_in(const json::object& properties) {
  std::string text;
  for (std::string_view property :
       {cluster_scope().plan_external_id_property, namespaced_scope().plan_external_id_property,
        parameter_checksum_property}) {
    std::string_view value = core::find_string(properties, {property});
    if (!value.empty()) text.append(text.empty() ? "" : " ").append(value);
  }
  return text;
}

// Where the broker does not say, what it said before holds.
void keep_usability(json::object& status, const Failure& failure, core::SystemTime now) {
  std::optional<bool> usable = failure.aftermath.instance_usable;
  if (!usable || core::find_string(status, {"provisionStatus"}) != "Provisioned") return;
  if (*usable) return remove_condition(status, condition_type::unusable);
  set_condition(status,
                {condition_type::unusable, Status::is_true, std::string(failure.reason),
                 "The broker says that the instance can no longer be used. " + failure.message},
                now);
}

std::string_view failed_reason(const Failure& failure) {
  return failure.failed_reason.empty() ? failure.reason : failure.failed_reason;
}

}  // namespace

void complete(json::object& status, const InstanceView& instance, std::string_view plan_name) {
  keep_or_set(status, "conditions", json::array());
  keep_or_set(status, "asyncOpInProgress", false);
  keep_or_set(status, "orphanMitigationInProgress", false);
  keep_or_set(status, "reconciledGeneration", 0);
  keep_or_set(status, "observedGeneration", 0);
  keep_or_set(status, "provisionStatus", "");
  keep_or_set(status, "deprovisionStatus", "NotRequired");
  keep_or_set(status, "lastConditionState", "");
  std::string_view plan = instance.plan_reference().value;
  status["userSpecifiedClassName"] =
      instance.scope().classes.kind + "/" + std::string(instance.class_reference().value);
  status["userSpecifiedPlanName"] = plan.empty() ? plan_name : plan;
}

void observe(json::object& status, const InstanceView& instance) {
  bool known = core::find_int(status, {"observedGeneration"}) == instance.generation() &&
               !instance.has_status_of_another();
  handle(status, instance);
  handled_of(status)["updateRequests"] = core::find_int(instance.spec(), {"updateRequests"}).value_or(0);
  if (known) return;
  if (instance.has_status_of_another()) status.erase(unconfirmed_provision);
  status["observedGeneration"] = instance.generation();
  remove_condition(status, condition_type::failed);
  status.erase(unrepeatable_update);
  clear_retry(status);
}

Unconfirmed unconfirmed(const json::object& status) {
  Unconfirmed found{
      .plan = core::find_bool(status, {unconfirmed_update, "plan"}).value_or(false),
      .parameters = core::find_bool(status, {unconfirmed_update, "parameters"}).value_or(false)};
  const json::object* asked = core::find_object(status, {"inProgressProperties"});
  const json::object* known = core::find_object(status, {"externalProperties"});
  if (core::find_string(status, {"currentOperation"}) != "Update" || !asked || !known) return found;
  found.plan = found.plan || plan_id_in(*asked) != plan_id_in(*known);
  found.parameters = found.parameters || core::find_string(*asked, {parameter_checksum_property}) !=
                                             core::find_string(*known, {parameter_checksum_property});
  return found;
}

void repeat_unconfirmed(json::object& status) {
  keep_unconfirmed(status, unconfirmed(status));
}

void keep_unconfirmed_plan(json::object& status) {
  std::vector<std::string> plans = unconfirmed_plans(status);
  add_plan_asked_for(status, plans);
  keep_plans(status, plans);
}

bool is_settled_elsewhere(const InstanceView& instance) {
  const json::object& status = instance.status();
  bool of_another_life =
      instance.has_status_of_another() || instance.observed_generation() > instance.generation();
  std::optional<std::int64_t> requests = core::find_int(status, {"handled", "updateRequests"});
  bool asks_again = requests && *requests != core::find_int(instance.spec(), {"updateRequests"}).value_or(0);
  return of_another_life && instance.ready() && instance.current_operation().empty() && !asks_again;
}

void taken_over(json::object& status, const InstanceView& instance) {
  observe(status, instance);
  status["reconciledGeneration"] = instance.generation();
}

json::object properties(const InstanceView& instance, const PlanView& plan,
                        const MergedParameters& parameters) {
  const Scope& scope = instance.scope();
  json::object result{{scope.plan_external_name_property, plan.external_name()},
                      {scope.plan_external_id_property, plan.external_id()}};
  if (!parameters.redacted.empty()) {
    result["parameters"] = parameters.redacted;
    result[parameter_checksum_property] = parameters.checksum;
  }
  if (const json::object* user = instance.user_info()) result["userInfo"] = *user;
  return result;
}

void ask_for_version(json::object& status, const json::object* maintenance_info) {
  set_version(status, "asked", maintenance_info);
}

void blocked(json::object& status, const Problem& problem, core::SystemTime now) {
  bool deleting = core::find_string(status, {"currentOperation"}) == "Deprovision";
  set_ready(status, deleting ? Status::unknown : Status::is_false, problem.reason, problem.message, now);
}

void started(json::object& status, Operation operation, json::object properties, core::SystemTime now) {
  remove_condition(status, condition_type::failed);  // it is tried again
  switch (operation) {
    case Operation::provision:
      start_operation(status, "Provision", std::move(properties), now);
      status["deprovisionStatus"] = "Required";
      set_ready(status, Status::is_false, reasons::provision_request_in_flight,
                "Provision request for ServiceInstance in-flight to Broker", now);
      return;
    case Operation::update:
      start_operation(status, "Update", std::move(properties), now);
      set_ready(status, Status::is_false, reasons::update_request_in_flight,
                "Update request for ServiceInstance in-flight to Broker", now);
      return;
    case Operation::deprovision:
      clear_retry(status);
      start_operation(status, "Deprovision", std::move(properties), now);
      status["orphanMitigationInProgress"] = false;
      status["deprovisionStatus"] = "Required";
      remove_condition(status, condition_type::orphan_mitigation);
      set_ready(status, Status::is_false, reasons::deprovision_request_in_flight,
                "Deprovision request for ServiceInstance in-flight to Broker", now);
      return;
  }
}

void asynchronous(json::object& status, Operation operation, std::string_view operation_key,
                  core::SystemTime now) {
  // A repeated call has the broker's whole time again.
  if (core::find_bool(status, {"asyncOpInProgress"}) != true)
    status["operationStartTime"] = core::to_rfc3339(now);
  operation_is_asynchronous(status, operation_key);
  status["deprovisionStatus"] = "Required";  // the broker has taken the request for this object
  switch (operation) {
    case Operation::provision:
      status.erase(unconfirmed_provision);  // it is this request that the broker works on
      return set_ready(status, Status::is_false, reasons::provisioning,
                       "The instance is being provisioned asynchronously", now);
    case Operation::update:
      return set_ready(status, Status::is_false, reasons::updating_instance,
                       "The instance is being updated asynchronously", now);
    case Operation::deprovision:
      return set_ready(status, Status::is_false, reasons::deprovisioning,
                       "The instance is being deprovisioned asynchronously", now);
  }
}

void dashboard(json::object& status, std::string_view url) {
  if (!url.empty()) status["dashboardURL"] = url;
}

void adopting(json::object& status, std::string_view deprovision_status_before) {
  status[adoption_in_progress] = true;
  status["deprovisionStatus"] = deprovision_status_before.empty() ? "NotRequired" : deprovision_status_before;
}

void is_ours(json::object& status) {
  status.erase(adoption_in_progress);
}

bool is_adopting(const json::object& status) {
  return core::find_bool(status, {adoption_in_progress}).value_or(false);
}

void adopted(json::object& status, json::object properties, const json::object* maintenance_info,
             const InstanceView& instance, bool up_to_date, core::SystemTime now) {
  status["inProgressProperties"] = std::move(properties);
  ask_for_version(status, maintenance_info);
  carried_out(status);
  if (!up_to_date) status["observedGeneration"] = instance.generation() - 1;
  set_ready(status, Status::is_true, reasons::provisioned_successfully,
            "The broker already had the instance: it was linked, and nothing was provisioned", now);
}

void offer_upgrade(json::object& status, const PlanView& plan) {
  std::string_view used = core::find_string(status, {"maintenanceInfo", "used", "version"});
  const json::object* offered = plan.maintenance_info();
  std::string_view version = offered ? core::find_string(*offered, {"version"}) : std::string_view();
  if (version.empty() || version == used) {
    status.erase("upgrade");
    return;
  }
  json::object upgrade{{"to", version}};
  if (!used.empty()) upgrade["from"] = used;
  std::string_view description = core::find_string(*offered, {"description"});
  if (!description.empty()) upgrade["description"] = description;
  status["upgrade"] = std::move(upgrade);
}

void provisioned(json::object& status, core::SystemTime now) {
  carried_out(status);
  set_ready(status, Status::is_true, reasons::provisioned_successfully,
            "The instance was provisioned successfully", now);
}

void updated(json::object& status, core::SystemTime now) {
  carried_out(status);
  set_ready(status, Status::is_true, reasons::instance_updated_successfully,
            "The instance was updated successfully", now);
}

void deprovisioned(json::object& status, std::string_view description, core::SystemTime now) {
  bool mitigation = core::find_bool(status, {"orphanMitigationInProgress"}).value_or(false);
  json::object retry;  // a creation that goes on after its mitigation keeps its backoff
  if (const json::object* kept = core::find_object(status, {"retry"})) retry = *kept;
  clear_operation(status);
  status["orphanMitigationInProgress"] = false;
  status["provisionStatus"] = "NotProvisioned";
  status["deprovisionStatus"] = "Succeeded";
  for (std::string_view field : {"externalProperties", "maintenanceInfo"}) status.erase(field);
  for (std::string_view told : {unconfirmed_update, unconfirmed_provision, adoption_in_progress})
    status.erase(told);
  remove_condition(status, condition_type::orphan_mitigation);
  remove_condition(status, condition_type::unusable);
  if (mitigation) {
    if (!retry.empty()) status["retry"] = std::move(retry);
    set_ready(status, Status::is_false, reasons::orphan_mitigation_successful,
              with_description(mitigation_message(status), description), now);
  } else {
    set_ready(status, Status::is_false, reasons::deprovisioned_successfully,
              with_description("The instance was deprovisioned successfully", description), now);
  }
}

void let_go(json::object& status) {
  clear_operation(status);
  for (std::string_view field : {"externalProperties", "maintenanceInfo", "upgrade"}) status.erase(field);
  for (std::string_view told :
       {unrepeatable_update, unconfirmed_update, unconfirmed_provision, adoption_in_progress})
    status.erase(told);
  status["orphanMitigationInProgress"] = false;
  status["provisionStatus"] = "";
  status["deprovisionStatus"] = "NotRequired";
  for (std::string_view type :
       {condition_type::failed, condition_type::orphan_mitigation, condition_type::unusable})
    remove_condition(status, type);
}

void provision_failed(json::object& status, const Failure& failure, core::SystemTime now) {
  bool final = !failure.verdict.retry;
  // What was found is no orphan.
  bool mitigate = failure.verdict.mitigate_orphan && !failure.retained && !is_adopting(status);
  // A refusal tells nothing of an earlier call, which may have been carried out. Whether it was, a deletion
  // of the object finds out; what is there need not be an orphan.
  if (final && failure.taken) status.erase(unconfirmed_provision);
  bool may_have = failure.verdict.mitigate_orphan || status.contains(unconfirmed_provision);
  if (failure.unclear) keep_unconfirmed_plan(status);
  set_ready(status, Status::is_false, failure.reason, failure.message, now);
  if (final) set_failed(status, failed_reason(failure), failure.message, now);
  if (mitigate) {
    status["orphanMitigationInProgress"] = true;
    set_condition(
        status,
        {condition_type::orphan_mitigation, Status::is_true, std::string(failure.reason), failure.message},
        now);
    set_ready(status, Status::is_false, reasons::starting_orphan_mitigation,
              "The provision call failed with an ambiguous error; attempting to deprovision the instance in "
              "order to mitigate an orphaned resource. The error was: " +
                  failure.message,
              now);
  }
  clear_asynchronous(status);
  if (final) clear_retry(status);
  if (final && !mitigate) {
    end_operation(status);
    status["provisionStatus"] = "NotProvisioned";
    if (!may_have) status["deprovisionStatus"] = "NotRequired";
  }
  if (!final) schedule_retry(status, failure.message, failure.retry_after, now);
}

void update_failed(json::object& status, const Failure& failure, core::SystemTime now) {
  keep_usability(status, failure, now);
  if (failure.aftermath.update_repeatable == false) {
    if (const json::object* asked = core::find_object(status, {"inProgressProperties"}))
      status[unrepeatable_update] = asked_for_in(*asked);
  }
  set_ready(status, Status::is_false, failure.reason, failure.message, now);
  if (failure.verdict.retry) {
    clear_asynchronous(status);
    schedule_retry(status, failure.message, failure.retry_after, now);
  } else {
    set_failed(status, failed_reason(failure), failure.message, now);
    // A refusal changes nothing; anything else may have been applied, all of it or a part.
    if (!failure.refused) keep_unconfirmed(status, unconfirmed(status));
    end_operation(status);
  }
}

bool is_unrepeatable(const InstanceView& instance, const json::object& properties) {
  return instance.worked_on() &&
         core::find_string(instance.status(), {unrepeatable_update}) == asked_for_in(properties);
}

void deprovision_failed(json::object& status, const Failure& failure, core::SystemTime now) {
  keep_usability(status, failure, now);
  bool mitigation = core::find_bool(status, {"orphanMitigationInProgress"}).value_or(false);
  std::string message = mitigation ? "Orphan mitigation failed: " + failure.message : failure.message;
  set_ready(status, Status::unknown, mitigation ? reasons::orphan_mitigation_failed : failure.reason, message,
            now);
  clear_asynchronous(status);
  if (failure.refused) take_next_plan(status);
  if (failure.verdict.retry) {
    status["deprovisionStatus"] = "Required";
    std::string error(mitigation ? last_error(status) : message);
    schedule_retry(status, error, failure.retry_after, now);
    return;
  }
  if (!mitigation) set_failed(status, failed_reason(failure), message, now);
  clear_retry(status);
  for (std::string_view field : {"currentOperation", "operationStartTime"}) status.erase(field);
  status["deprovisionStatus"] = "Failed";
}

void polling_failed(json::object& status, std::string message, core::SystemTime now) {
  set_ready(status, Status::is_false, reasons::error_polling_last_operation, std::move(message), now);
}

}  // namespace catalog::instance_status
