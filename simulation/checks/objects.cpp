// What the objects themselves must say at rest.
#include <algorithm>
#include <array>

#include "catalog/api/annotations.hpp"
#include "catalog/api/resources.hpp"
#include "simulation/checks/at_rest.hpp"

namespace simulation {

namespace {

// Reasons for which what is wanted cannot be reached, by the user's own doing.
constexpr std::array<std::string_view, 12> reasons_of_users{"ReferencesNonexistentServiceClass",
                                                            "ReferencesNonexistentServicePlan",
                                                            "ReferencesNonexistentInstance",
                                                            "ErrorWithParameters",
                                                            "Paused",
                                                            "ExternalIDInUse",
                                                            "ReferencesDeletedServiceClass",
                                                            "ReferencesDeletedServicePlan",
                                                            "ErrorNonbindableServiceClass",
                                                            "PlanNotUpdatable",
                                                            "DeprovisionBlockedByExistingCredentials",
                                                            "ErrorInstanceNotReady"};

bool is_of_users(const Condition& ready, const Excuses& excuses) {
  if (std::ranges::find(reasons_of_users, ready.reason) != reasons_of_users.end()) return true;
  // A 400 is final: the operator had taken the class away when it was asked for.
  if (ready.message.find("is not in the catalog") != std::string::npos ||
      ready.message.find("does not belong to the service") != std::string::npos)
    return true;
  // A creation that AWS has failed, and of which no platform knows, is shown to nobody: people have to look.
  if (ready.message.find("does not show it yet") != std::string::npos && excuses.stacks_failed) return true;
  // What people have deleted in AWS does not come back.
  if (ready.message.find("was deleted by someone else") != std::string::npos) return true;
  // An update that would lose data, and was not asked to.
  return ready.reason == "UpdateInstanceCallFailed" &&
         ready.message.find("allow_replacement") != std::string::npos;
}

// It asks for what is another's, and is told so.
bool is_refused_claim(const json::object& object, const Condition& ready) {
  return kube::name_of(object).starts_with(claim_prefix) &&
         (ready.reason == "ErrorAdoptingInstance" || ready.reason == "ProvisionCallFailed");
}

bool is_paused(const json::object& object) {
  return catalog::is_annotated(object, catalog::annotations::pause);
}

void check_life(const json::object& object, const Excuses& excuses, std::vector<std::string>& violations) {
  if (kube::is_being_deleted(object)) {
    if (!is_paused(object) && !is_of_users(condition_of(object, "Ready"), excuses))
      violations.push_back("a deletion does not end: " + describe(object));
    return;
  }
  if (!kube::has_finalizer(object, catalog::finalizer))
    violations.push_back("a finalizer is missing: " + describe(object));
  const std::string_view operation = core::find_string(object, {"status", "currentOperation"});
  const Condition ready = condition_of(object, "Ready");
  if (!operation.empty() && !is_paused(object) && !is_of_users(ready, excuses) &&
      !is_refused_claim(object, ready))
    violations.push_back("an operation does not end: " + std::string(operation) + " of " + describe(object));
}

void check_readiness(const json::object& object, const Excuses& excuses,
                     std::vector<std::string>& violations) {
  if (kube::is_being_deleted(object) || is_paused(object)) return;
  const Condition ready = condition_of(object, "Ready");
  if (is_refused_claim(object, ready)) return;
  if (excuses.stacks_failed && condition_of(object, "Failed").status == "True") return;
  if (ready.status.empty()) {
    violations.push_back("an object has no Ready condition: " + describe(object));
  } else if (ready.status != "True" && !is_of_users(ready, excuses)) {
    violations.push_back("what is wanted is not reached: " + describe(object));
  } else if (ready.status == "True") {
    const json::value* observed = core::find(object, {"status", "observedGeneration"});
    const json::value* reconciled = core::find(object, {"status", "reconciledGeneration"});
    const json::value* seen = observed != nullptr ? observed : reconciled;
    if (seen == nullptr || !seen->is_int64() || seen->get_int64() != kube::generation_of(object))
      violations.push_back("Ready tells of another generation: " + describe(object));
  }
}

}  // namespace

void check_objects(const Site& site, const Excuses& excuses, std::vector<std::string>& violations) {
  for (const auto* objects : {&site.cluster.instances, &site.cluster.bindings}) {
    for (const json::object& object : *objects) {
      check_life(object, excuses, violations);
      check_readiness(object, excuses, violations);
    }
  }
  for (const json::object& broker : site.cluster.brokers) {
    if (!is_ready(broker)) violations.push_back("a broker is not Ready: " + describe(broker));
  }
}

}  // namespace simulation
