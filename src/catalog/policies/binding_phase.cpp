#include "catalog/policies/binding_phase.hpp"

#include "catalog/api/annotations.hpp"
#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/policies/rotation.hpp"
#include "catalog/policies/schedule.hpp"

namespace catalog {

namespace {

BindingPhase phase_of_deleted(const BindingView& binding, bool again) {
  if (!binding.has_our_finalizer()) return BindingPhase::settled;
  if (is_annotated(binding.object(), annotations::abandon))
    return !has_something_at_broker(binding) ? BindingPhase::release : BindingPhase::abandon;
  if (is_annotated(binding.object(), annotations::pause)) return BindingPhase::pause;
  bool creating = binding.current_operation() == "Bind" && !binding.orphan_mitigation_in_progress();
  if (binding.async_op_in_progress() && !creating) return BindingPhase::poll;
  if (!has_something_at_broker(binding)) return BindingPhase::release;
  if (is_annotated(binding.object(), annotations::retain)) return BindingPhase::retain;
  bool gave_up = binding.unbind_status() == "Failed" && binding.worked_on();
  return gave_up && !again ? BindingPhase::settled : BindingPhase::unbind;
}

}  // namespace

bool has_something_at_broker(const BindingView& binding) {
  if (rotation::next_id(binding) || rotation::first_to_revoke(binding)) return true;
  std::string_view status = binding.unbind_status();
  return !status.empty() && status != "NotRequired" && status != "Succeeded";
}

BindingPhase phase_of(const BindingView& binding, bool again) {
  if (binding.deleting()) return phase_of_deleted(binding, again);
  if (is_annotated(binding.object(), annotations::pause)) return BindingPhase::pause;
  if (binding.async_op_in_progress()) return BindingPhase::poll;
  if (binding.orphan_mitigation_in_progress()) {
    bool gave_up = binding.unbind_status() == "Failed" && binding.worked_on();
    return gave_up && !again ? BindingPhase::settled : BindingPhase::mitigate_orphan;
  }
  if (binding.failed() && !again && binding.worked_on()) return BindingPhase::settled;
  return binding.bound() ? BindingPhase::keep : BindingPhase::bind;
}

std::optional<std::chrono::milliseconds> wait_before(BindingPhase phase, const BindingView& binding,
                                                     core::SystemTime now) {
  bool starts_afresh =
      (phase == BindingPhase::unbind && binding.current_operation() != "Unbind") ||
      (phase == BindingPhase::mitigate_orphan &&
       condition_reason(binding.status(), condition_type::ready) == reasons::binding_needs_orphan_mitigation);
  std::optional<core::SystemTime> next = binding.next_retry_time();
  if (is_due(next, now) || starts_afresh || phase == BindingPhase::keep) return std::nullopt;
  return *next - now;
}

}  // namespace catalog
