// DELETE /v2/service_instances/:id/service_bindings/:id; each step may find that an earlier try was here.
#include "broker/bindings/bind_lambda.hpp"
#include "broker/bindings/binding_operations.hpp"
#include "broker/bindings/role_policy.hpp"
#include "broker/bindings/steps.hpp"
#include "broker/ids.hpp"
#include "broker/operations/resource_ids.hpp"
#include "broker/stack_tags.hpp"
#include "broker/target_roles.hpp"
#include "core/log.hpp"

namespace broker {

namespace {

using core::ErrorKind;
using core::fail;

constexpr const char* operation = "unbind";

}  // namespace

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
  auto same = *binding ? check_ids(**binding, owner, request.service_id, request.plan_id)
                       : check_ids(owner, request.service_id, request.plan_id);
  if (!same) co_return fail(std::move(same.error()));
  core::Result<> revoked;
  if (!*binding) {
    revoked = co_await revoke_unrecorded(std::move(owner), request.binding_id);
  } else {
    auto via_lambda = co_await binds_via_lambda(owner);
    if (!via_lambda) co_return fail(std::move(via_lambda.error()));
    const bool in_background = *via_lambda && request.accepts_incomplete;
    const osb::UnbindResponse accepted{.outcome = osb::Outcome::in_progress, .operation = operation};
    if (in_hand(**binding)) {
      if (in_background && (*binding)->phase == BindingPhase::deleting) co_return accepted;
      co_return fail(ErrorKind::unprocessable, "Another request for this binding is being handled.",
                     "ConcurrencyError");
    }
    if (in_background) {
      auto intended = co_await mark_deleting(std::move(**binding), operation);
      if (!intended) co_return fail(std::move(intended.error()));
      if (!*intended) co_return fail(ErrorKind::gone, "There is no binding " + request.binding_id + ".");
      go_on(std::move(owner), std::move(**intended));
      co_return accepted;
    }
    revoked = co_await revoke(std::move(owner), std::move(**binding));
  }
  if (!revoked) co_return fail(std::move(revoked.error()));
  co_return osb::UnbindResponse{};
}

async::Task<core::Result<bool>> BindingOperations::binds_via_lambda(const InstanceRecord& instance) {
  const auto service = co_await instances_.template_of(instance);
  if (service) co_return (*service)->bind_via_lambda;
  if (service.error().kind == ErrorKind::invalid) co_return false;
  co_return fail(service.error());
}

async::Task<core::Result<>> BindingOperations::revoke_unrecorded(InstanceRecord instance,
                                                                 std::string binding_id) {
  const InHand removal(being_removed_, binding_id);
  core::Error gone{.kind = ErrorKind::gone, .message = "There is no binding " + binding_id + "."};
  const auto service = co_await instances_.template_of(instance);
  if (!service && service.error().kind != ErrorKind::invalid) co_return fail(service.error());
  if (!service || !gives_own_user(**service)) co_return fail(std::move(gone));
  const bool has_record = !instance.stack_name.empty();
  const std::vector<Placement> places =
      has_record ? std::vector{place_of(instance)} : places_to_search(options_);
  for (const Placement& place : places) {
    for (const std::string& user : possible_binding_user_names(binding_id)) {
      auto removed = co_await users_.remove(clouds_.cloud(place), user, instance.id, binding_id);
      if (removed) co_return removed;
      if (!has_record && is_closed(place, removed.error())) {
        core::log::warn("A binding without a record could not be searched for everywhere",
                        {{"binding", binding_id}, {"error", removed.error().message}});
      } else if (removed.error().kind != ErrorKind::not_found) {
        co_return removed;
      }
    }
  }
  co_return fail(std::move(gone));
}

async::Task<core::Result<std::optional<BindingRecord>>> BindingOperations::mark_deleting(
    BindingRecord binding, std::string operation) {
  while (true) {
    BindingRecord intended = binding;
    intended.phase = BindingPhase::deleting;
    intended.operation = operation;
    intended.begun = core::to_rfc3339(clock_.system_now());
    intended.failure.clear();
    auto written = co_await store_.put_binding(std::move(intended));
    if (written) co_return std::optional<BindingRecord>(std::move(*written));
    if (written.error().kind != ErrorKind::conflict) co_return fail(std::move(written.error()));
    auto known = co_await store_.get_binding(binding.id);  // a bind has gone on meanwhile
    if (!known || !*known) co_return known;
    binding = std::move(**known);
  }
}

async::Task<core::Result<>> BindingOperations::revoke(InstanceRecord instance, BindingRecord binding) {
  const InHand removal(being_removed_, binding.id);
  if (binding.phase != BindingPhase::deleting) {
    auto intended = co_await mark_deleting(std::move(binding), "");
    if (!intended) co_return fail(std::move(intended.error()));
    if (!*intended) co_return core::Result<>();
    binding = std::move(**intended);
  }
  auto told = co_await tell_lambda(instance, binding);
  if (!told) co_return told;
  co_return co_await remove_and_forget(instance, std::move(binding), false);
}

async::Task<core::Result<>> BindingOperations::remove_and_forget(const InstanceRecord& instance,
                                                                 BindingRecord binding,
                                                                 bool user_is_in_the_way) {
  const auto removed = co_await remove_made(instance, binding);
  const bool is_in_the_way = !removed && user_is_in_the_way && removed.error().kind == ErrorKind::conflict;
  if (!removed && !is_in_the_way) co_return removed;
  auto forgotten = co_await store_.remove_binding(std::move(binding));
  if (!forgotten && forgotten.error().kind == ErrorKind::conflict)
    co_return core::Result<>();  // another replica was first
  co_return forgotten;
}

async::Task<core::Result<>> BindingOperations::tell_lambda(const InstanceRecord& instance,
                                                           const BindingRecord& binding) {
  const auto via_lambda = co_await binds_via_lambda(instance);
  if (!via_lambda) co_return fail(via_lambda.error());
  if (!*via_lambda || instance.stack_id.empty()) co_return core::Result<>();
  Cloud& cloud = cloud_of(instance);
  const auto stack = co_await cloud.describe_stack(instance.stack_id);
  if (!stack && stack.error().kind != ErrorKind::not_found) co_return fail(stack.error());
  if (!stack || stack->status == "DELETE_COMPLETE") co_return core::Result<>();
  if (!is_stack_of(instance, *stack, options_.broker_id)) co_return fail(not_of_instance(instance));
  auto told = co_await ask_lambda(cloud, stack->outputs, binding, {}, operation);
  if (told) co_return core::Result<>();
  if (instance.phase != InstancePhase::deleting || told.error().retryable())
    co_return fail(std::move(told.error()));
  // A function that does not work must not keep its instance.
  core::log::warn("A function did not remove a binding of an instance that is being deleted",
                  {{"binding", binding.id}, {"error", told.error().message}});
  co_return core::Result<>();
}

async::Task<core::Result<>> BindingOperations::remove_made(const InstanceRecord& instance,
                                                           const BindingRecord& binding) {
  Cloud& cloud = cloud_of(instance);
  auto detached = co_await detach_policy(cloud, binding);
  if (!detached || binding.user_name.empty()) co_return detached;
  auto removed = co_await users_.remove_recorded(cloud, binding);
  co_return is_done(removed) ? core::Result<>() : std::move(removed);
}

async::Task<core::Result<>> BindingOperations::revoke_all(InstanceRecord instance) {
  auto bindings = co_await store_.list_bindings(instance.id);
  if (!bindings) co_return fail(std::move(bindings.error()));
  for (BindingRecord& binding : *bindings) {
    // It may have a user in AWS, of which nothing else would be left.
    if (!binding.readable)
      co_return fail(unreadable_record("binding " + binding.id, "so its instance is kept"));
    auto revoked = co_await revoke(instance, std::move(binding));
    if (!revoked) co_return revoked;
  }
  co_return core::Result<>();
}

}  // namespace broker
