#include "broker/records.hpp"

#include "core/hash.hpp"

namespace broker {

namespace json = boost::json;

namespace {

std::string text(const json::object& object, std::string_view key) {
  return std::string(core::find_string(object, {key}));
}

json::object map_at(const json::object& object, std::string_view key) {
  const json::object* found = core::find_object(object, {key});
  return found != nullptr ? *found : json::object();
}

json::object to_json(const PendingUpdate& update) {
  return {{"operation", update.operation},      {"fingerprint", update.fingerprint},
          {"planId", update.plan_id},           {"templateDigest", update.template_digest},
          {"parameters", update.parameters},    {"stackInput", update.stack_input},
          {"accepted", update.accepted},        {"rollbackContinued", update.rollback_continued},
          {"lastUpdated", update.last_updated}, {"adoption", update.is_adoption}};
}

PendingUpdate update_from_json(const json::object& object) {
  return {.operation = text(object, "operation"),
          .fingerprint = text(object, "fingerprint"),
          .plan_id = text(object, "planId"),
          .template_digest = text(object, "templateDigest"),
          .parameters = map_at(object, "parameters"),
          .stack_input = map_at(object, "stackInput"),
          .accepted = core::find_bool(object, {"accepted"}).value_or(false),
          .rollback_continued = core::find_bool(object, {"rollbackContinued"}).value_or(false),
          .last_updated = text(object, "lastUpdated"),
          .is_adoption = core::find_bool(object, {"adoption"}).value_or(false)};
}

}  // namespace

core::Error unreadable_record(const std::string& id, const std::string& why) {
  return {.kind = core::ErrorKind::internal,
          .message =
              "the stored record of " + id + " cannot be read (" + why +
              "): restore it from a backup of the store, or delete it there if nothing of it is left in AWS"};
}

std::string_view to_string(InstancePhase phase) {
  switch (phase) {
    case InstancePhase::creating:
      return "creating";
    case InstancePhase::ready:
      return "ready";
    case InstancePhase::updating:
      return "updating";
    case InstancePhase::failed:
      return "failed";
    case InstancePhase::deleting:
      return "deleting";
  }
  return "failed";
}

std::string_view to_string(BindingPhase phase) {
  switch (phase) {
    case BindingPhase::creating:
      return "creating";
    case BindingPhase::ready:
      return "ready";
    case BindingPhase::failed:
      return "failed";
    case BindingPhase::expired:
      return "expired";
    case BindingPhase::deleting:
      return "deleting";
  }
  return "deleting";
}

json::object to_json(const InstanceRecord& record) {
  json::object object{{"id", record.id},
                      {"serviceId", record.service_id},
                      {"planId", record.plan_id},
                      {"class", record.class_name},
                      {"fingerprint", record.fingerprint},
                      {"phase", to_string(record.phase)},
                      {"stackName", record.stack_name},
                      {"stackId", record.stack_id},
                      {"region", record.region},
                      {"roleArn", record.role_arn},
                      {"externalId", record.external_id},
                      {"accessKeyId", record.access_key_id},
                      {"templateDigest", record.template_digest},
                      {"parameters", record.parameters},
                      {"stackInput", record.stack_input},
                      {"failure", record.failure},
                      {"begun", record.begun},
                      {"updates", record.updates},
                      {"planIds", json::array(record.plan_ids.begin(), record.plan_ids.end())},
                      {"adopted", record.adopted},
                      {"stackWasAbsent", record.stack_was_absent}};
  if (record.origin) object["origin"] = to_json(*record.origin);
  if (record.update) object["update"] = to_json(*record.update);
  json::array past;
  for (const UpdateOutcome& outcome : record.past_updates) {
    past.push_back({{"operation", outcome.operation},
                    {"failure", outcome.failure},
                    {"usable", outcome.usable},
                    {"adoption", outcome.is_adoption}});
  }
  if (!past.empty()) object["pastUpdates"] = std::move(past);
  return object;
}

InstanceRecord instance_from_json(const json::object& object) {
  InstanceRecord record{.id = text(object, "id"),
                        .service_id = text(object, "serviceId"),
                        .plan_id = text(object, "planId"),
                        .class_name = text(object, "class"),
                        .fingerprint = text(object, "fingerprint"),
                        .phase = InstancePhase::failed,
                        .stack_name = text(object, "stackName"),
                        .stack_id = text(object, "stackId"),
                        .region = text(object, "region"),
                        .role_arn = text(object, "roleArn"),
                        .external_id = text(object, "externalId"),
                        .access_key_id = text(object, "accessKeyId"),
                        .template_digest = text(object, "templateDigest"),
                        .parameters = map_at(object, "parameters"),
                        .stack_input = map_at(object, "stackInput"),
                        .failure = text(object, "failure"),
                        .begun = text(object, "begun"),
                        .updates = core::find_int(object, {"updates"}).value_or(0)};
  if (const auto* update = core::find_object(object, {"update"})) record.update = update_from_json(*update);
  if (const auto* past = core::find_array(object, {"pastUpdates"})) {
    for (const json::value& each : *past) {
      record.past_updates.push_back({.operation = std::string(core::find_string(each, {"operation"})),
                                     .failure = std::string(core::find_string(each, {"failure"})),
                                     .usable = core::find_bool(each, {"usable"}).value_or(true),
                                     .is_adoption = core::find_bool(each, {"adoption"}).value_or(false)});
    }
  }
  if (const auto* origin = core::find_object(object, {"origin"}))
    record.origin = instance_origin_from_json(*origin);
  if (const auto* plans = core::find_array(object, {"planIds"})) {
    for (const json::value& each : *plans) {
      if (each.is_string()) record.plan_ids.emplace_back(each.get_string());
    }
  }
  record.adopted = core::find_bool(object, {"adopted"}).value_or(false);
  record.stack_was_absent = core::find_bool(object, {"stackWasAbsent"}).value_or(false);
  const std::string phase = text(object, "phase");
  for (const auto each :
       {InstancePhase::creating, InstancePhase::ready, InstancePhase::updating, InstancePhase::deleting}) {
    if (phase == to_string(each)) record.phase = each;
  }
  if (record.phase == InstancePhase::updating && !record.update) record.phase = InstancePhase::ready;
  return record;
}

json::object to_json(const BindingRecord& record) {
  return {{"id", record.id},
          {"instanceId", record.instance_id},
          {"serviceId", record.service_id},
          {"planId", record.plan_id},
          {"fingerprint", record.fingerprint},
          {"phase", to_string(record.phase)},
          {"userName", record.user_name},
          {"accessKeyId", record.access_key_id},
          {"sealedSecretKey", core::base64_encode(record.sealed_secret_key)},
          {"sealedCredentials", core::base64_encode(record.sealed_credentials)},
          {"policyArn", record.policy_arn},
          {"roleName", record.role_name},
          {"scope", record.scope},
          {"predecessorId", record.predecessor_id},
          {"expiresAt", record.expires_at},
          {"renewBefore", record.renew_before},
          {"operation", record.operation},
          {"begun", record.begun},
          {"failure", record.failure},
          {"parameters", record.parameters}};
}

BindingRecord binding_from_json(const json::object& object) {
  BindingRecord record{.id = text(object, "id"),
                       .instance_id = text(object, "instanceId"),
                       .service_id = text(object, "serviceId"),
                       .plan_id = text(object, "planId"),
                       .fingerprint = text(object, "fingerprint"),
                       .phase = BindingPhase::deleting,
                       .user_name = text(object, "userName"),
                       .access_key_id = text(object, "accessKeyId"),
                       .policy_arn = text(object, "policyArn"),
                       .role_name = text(object, "roleName"),
                       .scope = text(object, "scope"),
                       .predecessor_id = text(object, "predecessorId"),
                       .expires_at = text(object, "expiresAt"),
                       .renew_before = text(object, "renewBefore"),
                       .operation = text(object, "operation"),
                       .begun = text(object, "begun"),
                       .failure = text(object, "failure"),
                       .parameters = map_at(object, "parameters")};
  record.sealed_secret_key = core::base64_decode(text(object, "sealedSecretKey")).value_or("");
  record.sealed_credentials = core::base64_decode(text(object, "sealedCredentials")).value_or("");
  const std::string phase = text(object, "phase");
  for (const auto each :
       {BindingPhase::creating, BindingPhase::ready, BindingPhase::failed, BindingPhase::expired}) {
    if (phase == to_string(each)) record.phase = each;
  }
  return record;
}

}  // namespace broker
