#include "catalog/policies/instance_phase.hpp"

#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"

namespace catalog {

namespace {

// The spec has not changed since the controller gave up or succeeded.
bool seen(const InstanceView& instance) {
  return instance.observed_generation() >= instance.generation();
}

bool nothing_at_broker(const InstanceView& instance) {
  std::string_view status = instance.deprovision_status();
  return status.empty() || status == "NotRequired" || status == "Succeeded";
}

InstancePhase phase_of_deleted(const InstanceView& instance) {
  if (!instance.has_our_finalizer()) return InstancePhase::settled;
  // A creation under way is not waited for: the broker stops it for the delete (or says ConcurrencyError:
  // again later).
  bool creating = instance.current_operation() == "Provision" && !instance.orphan_mitigation_in_progress();
  if (instance.async_op_in_progress() && !creating) return InstancePhase::poll;
  if (nothing_at_broker(instance)) return InstancePhase::release;
  if (instance.deprovision_status() == "Failed" && seen(instance)) return InstancePhase::settled;
  return InstancePhase::deprovision;
}

}  // namespace

InstancePhase phase_of(const InstanceView& instance) {
  if (instance.deleting()) return phase_of_deleted(instance);
  if (instance.async_op_in_progress()) return InstancePhase::poll;
  if (instance.orphan_mitigation_in_progress()) {
    bool gave_up = instance.deprovision_status() == "Failed" && seen(instance);
    return gave_up ? InstancePhase::settled : InstancePhase::mitigate_orphan;
  }
  bool provisioned = instance.provision_status() == "Provisioned";
  if (seen(instance) && (instance.failed() || (provisioned && instance.ready())))
    return InstancePhase::settled;
  return provisioned ? InstancePhase::update : InstancePhase::provision;
}

std::optional<std::chrono::milliseconds> wait_before(InstancePhase phase, const InstanceView& instance,
                                                     core::SystemTime now) {
  bool starts_afresh =
      (phase == InstancePhase::deprovision && instance.current_operation() != "Deprovision") ||
      (phase == InstancePhase::mitigate_orphan &&
       condition_reason(instance.status(), condition_type::ready) == reasons::starting_orphan_mitigation);
  std::optional<core::SystemTime> next = instance.next_retry_time();
  if (!next || !seen(instance) || starts_afresh || *next <= now) return std::nullopt;
  return *next - now;
}

}  // namespace catalog
