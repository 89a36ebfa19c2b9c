// DELETE /v2/service_instances/:id/service_bindings/:id; each step may find that an earlier try was here.
#include "broker/bindings/bind_lambda.hpp"
#include "broker/bindings/binding_operations.hpp"
#include "broker/bindings/role_policy.hpp"
#include "broker/bindings/steps.hpp"
#include "broker/ids.hpp"

namespace broker {

using core::ErrorKind;
using core::fail;

async::Task<core::Result<osb::UnbindResponse>> BindingOperations::unbind(const osb::UnbindRequest& request) {
  auto binding = co_await store_.get_binding(request.binding_id);
  if (!binding) co_return fail(std::move(binding.error()));
  if (*binding && (*binding)->instance_id != request.instance_id) {
    co_return fail(ErrorKind::gone, "There is no binding " + request.binding_id + " of this instance.");
  }
  auto instance = co_await store_.get_instance(request.instance_id);
  if (!instance) co_return fail(std::move(instance.error()));
  InstanceRecord owner = *instance
                             ? std::move(**instance)
                             : InstanceRecord{.id = request.instance_id, .service_id = request.service_id};
  auto revoked = *binding ? co_await revoke(std::move(owner), std::move(**binding))
                          : co_await revoke_unrecorded(std::move(owner), request.binding_id);
  if (!revoked) co_return fail(std::move(revoked.error()));
  co_return osb::UnbindResponse{};
}

async::Task<core::Result<>> BindingOperations::revoke_unrecorded(InstanceRecord instance,
                                                                 std::string binding_id) {
  core::Error gone{.kind = ErrorKind::gone, .message = "There is no binding " + binding_id + "."};
  const auto service = co_await instances_.template_of(instance);
  if (!service && service.error().kind != ErrorKind::invalid) co_return fail(service.error());
  if (!service || !gives_own_user(**service)) co_return fail(std::move(gone));
  auto removed = co_await users_.remove(cloud_of(instance), binding_user_name(binding_id));
  if (!removed && removed.error().kind == ErrorKind::not_found) co_return fail(std::move(gone));
  co_return removed;
}

async::Task<core::Result<>> BindingOperations::revoke(InstanceRecord instance, BindingRecord binding) {
  while (binding.phase != BindingPhase::deleting) {
    BindingRecord intended = binding;
    intended.phase = BindingPhase::deleting;
    auto written = co_await store_.put_binding(std::move(intended));
    if (written) {
      binding = std::move(*written);
    } else if (written.error().kind == ErrorKind::conflict) {  // a bind has gone on meanwhile
      auto known = co_await store_.get_binding(binding.id);
      if (!known) co_return fail(std::move(known.error()));
      if (!*known) co_return core::Result<>();
      binding = std::move(**known);
    } else {
      co_return fail(std::move(written.error()));
    }
  }
  Cloud& cloud = cloud_of(instance);
  // Where nobody knows the template any more the binding must still be removable.
  const auto service = co_await instances_.template_of(instance);
  if (!service && service.error().kind != ErrorKind::invalid) co_return fail(service.error());
  if (service && (*service)->bind_via_lambda && !instance.stack_id.empty()) {
    const auto stack = co_await cloud.describe_stack(instance.stack_id);
    if (stack && stack->status != "DELETE_COMPLETE") {
      auto told = co_await ask_lambda(cloud, stack->outputs, binding, {}, "unbind");
      if (!told) co_return fail(std::move(told.error()));
    }
  }
  auto detached = co_await detach_policy(cloud, binding);
  if (!detached) co_return detached;
  if (!binding.user_name.empty()) {
    auto removed = co_await users_.remove(cloud, binding.user_name);
    if (!is_done(removed)) co_return removed;
  }
  auto forgotten = co_await store_.remove_binding(std::move(binding));
  if (!forgotten && forgotten.error().kind == ErrorKind::conflict)
    co_return core::Result<>();  // another replica was first
  co_return forgotten;
}

async::Task<core::Result<>> BindingOperations::revoke_all(InstanceRecord instance) {
  auto bindings = co_await store_.list_bindings(instance.id);
  if (!bindings) co_return fail(std::move(bindings.error()));
  for (BindingRecord& binding : *bindings) {
    auto revoked = co_await revoke(instance, std::move(binding));
    if (!revoked) co_return revoked;
  }
  co_return core::Result<>();
}

async::Task<core::Result<osb::LastOperationResponse>> BindingOperations::last_operation(
    const osb::LastOperationRequest& request) {
  auto binding = co_await store_.get_binding(request.binding_id);
  if (!binding) co_return fail(std::move(binding.error()));
  if (!*binding) co_return fail(ErrorKind::not_found, "There is no binding " + request.binding_id + ".");
  // Bindings are made while the platform waits.
  co_return osb::LastOperationResponse{.state = osb::OperationState::succeeded};
}

}  // namespace broker
