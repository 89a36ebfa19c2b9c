#include "broker/bindings/wanted_binding.hpp"

#include "broker/bindings/lifetime.hpp"
#include "broker/bindings/role_policy.hpp"
#include "broker/dynamic_references.hpp"
#include "broker/fingerprint.hpp"

namespace broker {

namespace {

using core::ErrorKind;
using core::fail;

bool is_the_same(const BindingRecord& binding, const BindingRecord& wanted) {
  if (!binding.fingerprint.empty()) return binding.fingerprint == wanted.fingerprint;
  // The Go broker wrote it.
  return binding.instance_id == wanted.instance_id && binding.role_name == wanted.role_name &&
         is_same_scope(binding.scope, wanted.scope);
}

core::Result<> check_ids(const osb::BindRequest& request, const InstanceRecord& instance) {
  if (!request.service_id.empty() && request.service_id != instance.service_id)
    return fail(ErrorKind::invalid,
                "The instance does not belong to the service " + request.service_id + ".");
  if (!request.plan_id.empty() && request.plan_id != instance.plan_id)
    return fail(ErrorKind::invalid, "The instance does not belong to the plan " + request.plan_id + ".");
  return {};
}

}  // namespace

core::Result<BindingRecord> wanted_binding(const osb::BindRequest& request, const InstanceRecord& instance,
                                           const std::optional<BindingRecord>& known,
                                           const std::optional<BindingRecord>& predecessor) {
  if (auto checked = check_ids(request, instance); !checked) return fail(std::move(checked.error()));
  if (auto checked = check_no_dynamic_references(request.parameters); !checked)
    return fail(std::move(checked.error()));
  BindingRecord wanted{.id = request.binding_id,
                       .instance_id = request.instance_id,
                       .service_id = instance.service_id,
                       .plan_id = instance.plan_id,
                       .predecessor_id = request.predecessor_binding_id.value_or("")};
  if (const auto* given = request.parameters.if_object()) wanted.parameters = *given;
  if (wanted.parameters.empty() && request.predecessor_binding_id) {
    // The predecessor may be gone when the request is repeated.
    const bool is_repeated = known && known->predecessor_id == wanted.predecessor_id;
    if (is_repeated)
      wanted.parameters = known->parameters;
    else if (predecessor)
      wanted.parameters = predecessor->parameters;
  }
  auto role = role_and_scope(wanted.parameters);
  if (!role) return fail(std::move(role.error()));
  wanted.role_name = std::move(role->first);
  wanted.scope = std::move(role->second);
  wanted.fingerprint = fingerprint_of(wanted.instance_id, wanted.predecessor_id, wanted.parameters);
  return wanted;
}

core::Result<> check_predecessor(const std::optional<BindingRecord>& predecessor,
                                 const osb::BindRequest& request, core::SystemTime now) {
  const std::string& id = *request.predecessor_binding_id;
  if (!predecessor || predecessor->instance_id != request.instance_id)
    return fail(ErrorKind::invalid, "The instance has no binding " + id + " that could be the predecessor.");
  if (is_expired(*predecessor, now))
    return fail(ErrorKind::invalid, "The predecessor " + id + " has expired; create a binding without it.");
  if (predecessor->phase != BindingPhase::ready)
    return fail(ErrorKind::invalid, "The predecessor " + id + " is not ready.");
  return {};
}

bool is_half_removed(const std::optional<BindingRecord>& known, const BindingRecord& wanted) {
  return known && known->phase == BindingPhase::deleting && known->operation.empty() &&
         is_the_same(*known, wanted);
}

core::Result<BindStep> next_bind_step(const std::optional<BindingRecord>& known, const BindingRecord& wanted,
                                      core::SystemTime now) {
  if (!known) return BindStep::record;
  if (!is_the_same(*known, wanted)) {
    return fail(ErrorKind::conflict,
                "The binding " + wanted.id + " exists for another instance or with other parameters.");
  }
  if (known->phase == BindingPhase::deleting)
    return fail(ErrorKind::unprocessable, "The binding " + wanted.id + " is being deleted.",
                "ConcurrencyError");
  if (is_expired(*known, now))
    return fail(ErrorKind::conflict, "The binding " + wanted.id + " has expired; create a new one.");
  return known->phase == BindingPhase::ready ? BindStep::show : BindStep::make;
}

}  // namespace broker
