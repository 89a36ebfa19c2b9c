#include "catalog/policies/broker_status.hpp"

#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/policies/operation_status.hpp"
#include "catalog/policies/schedule.hpp"

namespace catalog::broker_status {

namespace {

bool worked_on(const BrokerView& broker) {
  return core::find_int(broker.status(), {"reconciledGeneration"}).value_or(0) == broker.generation() &&
         !broker.has_status_of_another();
}

// What older versions wrote does not say which Secret was used.
bool knows_secret(const BrokerView& broker, std::string_view version) {
  const json::value* handled = core::find(broker.status(), {"handled", "secretVersion"});
  return !broker.auth() || (handled && handled->is_string() && handled->get_string() == version);
}

void observe(json::object& status, const BrokerView& broker, std::string_view secret_version) {
  status["reconciledGeneration"] = broker.generation();
  handle(status, broker);
  if (broker.auth()) {
    handled_of(status)["secretVersion"] = secret_version;
  } else {
    handled_of(status).erase("secretVersion");
  }
}

}  // namespace

Due catalog_due(const BrokerView& broker, std::string_view secret_version,
                std::chrono::milliseconds default_interval, core::SystemTime now) {
  const json::object& status = broker.status();
  if (!worked_on(broker) || !knows_secret(broker, secret_version)) return {.now = true, .in = {}};
  if (!condition_is_true(status, condition_type::ready)) {
    auto next = core::parse_rfc3339(core::find_string(status, {"retry", "nextTime"}));
    if (is_due(next, now)) return {.now = true, .in = {}};
    return {.now = false, .in = *next - now};
  }
  if (!broker.relists_by_itself()) return {};
  auto last = core::parse_rfc3339(core::find_string(status, {"lastCatalogRetrievalTime"}));
  std::chrono::milliseconds interval = broker.relist_duration().value_or(default_interval);
  // In the future it was written by somebody whose clock was wrong.
  if (!last || *last > now + longest_pause || *last + interval <= now) return {.now = true, .in = {}};
  return {.now = false, .in = *last + interval - now};
}

void fetched(json::object& status, const BrokerView& broker, std::string_view secret_version,
             core::SystemTime now) {
  status.erase("operationStartTime");
  status.erase("retry");
  observe(status, broker, secret_version);
  status["lastCatalogRetrievalTime"] = core::to_rfc3339(now);
  remove_condition(status, condition_type::failed);
  set_condition(status,
                {condition_type::ready, ConditionStatus::is_true, std::string(reasons::fetched_catalog),
                 "Successfully fetched catalog entries from broker."},
                now);
}

void failed(json::object& status, const Problem& problem, std::chrono::milliseconds gives_up_after,
            const BrokerView& broker, std::string_view secret_version, core::SystemTime now) {
  if (!worked_on(broker) || !knows_secret(broker, secret_version)) {
    status.erase("retry");
    status.erase("operationStartTime");
    remove_condition(status, condition_type::failed);
  }
  auto attempts = static_cast<std::uint32_t>(core::find_int(status, {"retry", "attempts"}).value_or(0)) + 1;
  if (!status.contains("operationStartTime")) status["operationStartTime"] = core::to_rfc3339(now);
  std::string since(core::find_string(status, {"operationStartTime"}));
  status["retry"] = json::object{{"attempts", attempts},
                                 {"since", since},
                                 {"nextTime", core::to_rfc3339_micros(now + catalog_retry_delay(attempts))},
                                 {"lastError", problem.message}};
  observe(status, broker, secret_version);
  set_condition(status, {condition_type::ready, ConditionStatus::is_false, problem.reason, problem.message},
                now);
  auto start = core::parse_rfc3339(since);
  if (start && now - *start >= gives_up_after) {
    set_condition(status,
                  {condition_type::failed, ConditionStatus::is_true,
                   std::string(reasons::error_reconciliation_retry_timeout),
                   "The catalog could not be fetched for " + core::to_duration_text(gives_up_after)},
                  now);
  }
}

void waits_for_instances(json::object& status, std::string_view names, core::SystemTime now) {
  std::string message =
      "The namespace is being deleted, and its ServiceInstances need the broker until they are gone: ";
  set_condition(status,
                {condition_type::ready, ConditionStatus::is_false,
                 std::string(reasons::deletion_waits_for_instances), message.append(names)},
                now);
}

}  // namespace catalog::broker_status
