#include "catalog/policies/instance_phase.hpp"

#include "catalog/api/annotations.hpp"
#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/policies/schedule.hpp"

namespace catalog {

namespace {

InstancePhase phase_of_deleted(const InstanceView& instance, bool again) {
  if (!instance.has_our_finalizer()) return InstancePhase::settled;
  if (is_annotated(instance.object(), annotations::abandon))
    return !has_something_at_broker(instance) ? InstancePhase::release : InstancePhase::abandon;
  if (is_annotated(instance.object(), annotations::pause)) return InstancePhase::pause;
  // A creation under way is not waited for: the broker stops it for the delete (or says ConcurrencyError:
  // again later).
  bool creating = instance.current_operation() == "Provision" && !instance.orphan_mitigation_in_progress();
  if (!has_something_at_broker(instance) && !instance.async_op_in_progress()) return InstancePhase::release;
  if (is_annotated(instance.object(), annotations::retain)) return InstancePhase::retain;
  if (instance.async_op_in_progress() && !creating) return InstancePhase::poll;
  return gave_up_removing(instance) && !again ? InstancePhase::settled : InstancePhase::deprovision;
}

}  // namespace

bool has_something_at_broker(const InstanceView& instance) {
  std::string_view status = instance.deprovision_status();
  return !status.empty() && status != "NotRequired" && status != "Succeeded";
}

bool gave_up_removing(const InstanceView& instance) {
  bool removes = instance.deleting() || instance.orphan_mitigation_in_progress();
  return removes && instance.deprovision_status() == "Failed" && instance.worked_on();
}

InstancePhase phase_of(const InstanceView& instance, bool again) {
  if (instance.deleting()) return phase_of_deleted(instance, again);
  if (is_annotated(instance.object(), annotations::pause)) return InstancePhase::pause;
  if (instance.async_op_in_progress()) return InstancePhase::poll;
  if (instance.orphan_mitigation_in_progress()) {
    return gave_up_removing(instance) && !again ? InstancePhase::settled : InstancePhase::mitigate_orphan;
  }
  bool provisioned = instance.provision_status() == "Provisioned";
  bool ended = (instance.failed() && !again) || (provisioned && instance.ready());
  if (instance.worked_on() && ended) return InstancePhase::settled;
  return provisioned ? InstancePhase::update : InstancePhase::provision;
}

std::optional<std::chrono::milliseconds> wait_before(InstancePhase phase, const InstanceView& instance,
                                                     core::SystemTime now) {
  bool starts_afresh =
      (phase == InstancePhase::deprovision && instance.current_operation() != "Deprovision") ||
      (phase == InstancePhase::mitigate_orphan &&
       condition_reason(instance.status(), condition_type::ready) == reasons::starting_orphan_mitigation);
  std::optional<core::SystemTime> next = instance.next_retry_time();
  if (is_due(next, now) || !instance.worked_on() || starts_afresh) return std::nullopt;
  return *next - now;
}

}  // namespace catalog
