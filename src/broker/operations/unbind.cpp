// DELETE /v2/service_instances/:id/service_bindings/:id: keys, policies, user, in the order in which IAM lets
// them go; each step may find that an earlier try was here.
#include "broker/service_broker.hpp"

namespace broker {

namespace {

using core::ErrorKind;
using core::fail;

bool is_done(const core::Result<>& step) {
  return step || step.error().kind == ErrorKind::not_found;
}

}  // namespace

async::Task<core::Result<osb::UnbindResponse>> ServiceBroker::unbind(const osb::UnbindRequest& request,
                                                                     const osb::CallContext&) {
  auto binding = co_await store_.get_binding(request.binding_id);
  if (!binding) co_return fail(std::move(binding.error()));
  if (!*binding || (*binding)->instance_id != request.instance_id) {
    co_return fail(ErrorKind::gone, "There is no binding " + request.binding_id + ".");
  }
  auto instance = co_await store_.get_instance(request.instance_id);
  if (!instance) co_return fail(std::move(instance.error()));
  InstanceRecord owner = *instance ? std::move(**instance) : InstanceRecord{.id = request.instance_id};
  auto revoked = co_await revoke(std::move(owner), std::move(**binding));
  if (!revoked) co_return fail(std::move(revoked.error()));
  co_return osb::UnbindResponse{};
}

async::Task<core::Result<>> ServiceBroker::revoke(InstanceRecord instance, BindingRecord binding) {
  if (binding.phase != BindingPhase::deleting) {
    binding.phase = BindingPhase::deleting;
    auto intended = co_await store_.put_binding(std::move(binding));
    if (!intended) co_return fail(std::move(intended.error()));
    binding = std::move(*intended);
  }
  Cloud& cloud = cloud_of(instance);
  // Where nobody knows the template any more the binding must still be removable.
  const auto service = co_await template_of(instance);
  if (!service && service.error().kind != ErrorKind::invalid) co_return fail(service.error());
  if (service && (*service)->bind_via_lambda && !instance.stack_id.empty()) {
    const auto stack = co_await cloud.describe_stack(instance.stack_id);
    if (stack && stack->status != "DELETE_COMPLETE") {
      auto told = co_await ask_lambda(cloud, stack->outputs, binding, {}, "unbind");
      if (!told) co_return fail(std::move(told.error()));
    }
  }
  if (!binding.role_name.empty() && !binding.policy_arn.empty()) {
    const auto detached = co_await cloud.detach_role_policy(binding.role_name, binding.policy_arn);
    if (!is_done(detached)) co_return detached;
  }
  if (!binding.user_name.empty()) {
    auto removed = co_await remove_user(cloud, binding.user_name);
    if (!removed) co_return removed;
  }
  auto forgotten = co_await store_.remove_binding(std::move(binding));
  if (!forgotten && forgotten.error().kind == ErrorKind::conflict)
    co_return core::Result<>();  // another replica was first
  co_return forgotten;
}

async::Task<core::Result<>> ServiceBroker::remove_user(Cloud& cloud, std::string user) {
  const auto keys = co_await cloud.list_access_keys(user);
  if (!keys && keys.error().kind == ErrorKind::not_found) co_return core::Result<>();
  if (!keys) co_return fail(keys.error());
  for (const std::string& key : *keys) {
    const auto removed = co_await cloud.delete_access_key(user, key);
    if (!is_done(removed)) co_return removed;
  }
  const auto policies = co_await cloud.list_user_policies(user);
  if (!policies && policies.error().kind != ErrorKind::not_found) co_return fail(policies.error());
  if (policies) {
    for (const std::string& policy : *policies) {
      const auto removed = co_await cloud.delete_user_policy(user, policy);
      if (!is_done(removed)) co_return removed;
    }
  }
  const auto removed = co_await cloud.delete_user(user);
  if (!is_done(removed)) co_return removed;
  co_return core::Result<>();
}

}  // namespace broker
