// Deletions that leave the credentials at the broker as they are: a user gave them up, or wants to keep them.
// And bindings that are paused.
#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/binding/reconciler.hpp"
#include "catalog/controllers/external_ids.hpp"
#include "catalog/policies/operation_status.hpp"
#include "catalog/policies/ownership.hpp"
#include "catalog/policies/rotation.hpp"

namespace catalog {

using runtime::Next;

async::Task<core::Result<Next>> BindingReconciler::leave(Object binding, BindingPhase how) {
  core::Result<> ejected = co_await eject(binding);
  if (!ejected) co_return co_await block(std::move(binding), not_ejected(ejected.error()));
  BindingView view(*binding);
  std::string told = "the credentials of binding " + rotation::all_ids(view) + " of the ServiceInstance \"" +
                     std::string(view.instance_name()) + "\"";
  if (how == BindingPhase::abandon) {
    context_.events.record(
        *binding, runtime::EventType::warning, reasons::abandoned,
        "The broker may still have " + told + ": they were abandoned without another call");
  } else {
    context_.events.record(*binding, runtime::EventType::normal, reasons::retained,
                           "The broker keeps " + told + ", which keep working");
  }
  co_return co_await let_go(std::move(binding));
}

async::Task<core::Result<Next>> BindingReconciler::stand_aside(Object binding, Object owner) {
  BindingView view(*binding);
  std::string id(view.external_id());
  bool known = condition_reason(view.status(), condition_type::ready) == reasons::external_id_in_use &&
               standing_of(view) == Standing::none;
  if (!known || view.deleting()) {
    core::Result<> confirmed = co_await confirm_owner(context_.client, informer(), owner, std::move(id));
    if (!confirmed) co_return core::fail(confirmed.error());
    core::Result<> ejected = co_await eject(binding);
    if (!ejected) co_return co_await block(std::move(binding), not_ejected(ejected.error()));
  }
  Problem problem = id_in_use(view, *owner);
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    binding_status::complete(status);
    binding_status::let_go(status);
    binding_status::blocked(status, problem, at);
  };
  core::Result<Object> written = co_await write(binding, std::move(change), OnConflict::give_up);
  if (!written) co_return core::fail(written.error());
  if (!BindingView(**written).deleting()) co_return Next::done();  // the owner announces its end
  core::Result<> released = co_await release(context_, informer(), std::move(*written));
  if (!released) co_return core::fail(released.error());
  co_return Next::done();
}

// What such a binding has been given already is revoked when it is deleted; until then nothing is done with
// it.
std::optional<Problem> BindingReconciler::refuse_instance_of_another(const BindingView& binding,
                                                                     BindingPhase phase) const {
  bool only_ends = binding.deleting() || phase == BindingPhase::settled;
  Object instance = only_ends ? nullptr : instance_of(binding);
  if (!instance || !context_.external_ids.other_owner(InstanceView(*instance))) return std::nullopt;
  return Problem(reasons::error_instance_not_ready,
                 "The ServiceInstance \"" + std::string(binding.instance_name()) +
                     "\" cannot be bound: its spec.externalID is that of another ServiceInstance. See its "
                     "conditions.");
}

async::Task<std::optional<core::Result<Next>>> BindingReconciler::wait_for_proof(Object binding) {
  BindingView view(*binding);
  Object instance = view.has_status_of_another() ? instance_of(view) : nullptr;
  if (!instance) co_return std::nullopt;
  bool is_asked = !is_unproven(context_.stores, InstanceView(*instance));
  if (is_asked && InstanceView(*instance).provision_status() == "Provisioned") co_return std::nullopt;
  if (!is_asked || !view.deleting()) {
    co_return co_await block(
        std::move(binding),
        Problem(reasons::error_instance_not_ready,
                "The status of this object was restored from another one. It waits until the ServiceInstance "
                "\"" +
                    std::string(view.instance_name()) + "\" is linked to what the broker has."));
  }
  core::Result<> ejected = co_await eject(binding);
  if (!ejected) co_return co_await block(std::move(binding), not_ejected(ejected.error()));
  context_.events.record(*binding, runtime::EventType::warning, reasons::left_behind,
                         "The status of this object was restored from another one, and the broker does not "
                         "have its instance for this namespace: the broker was not told about the deletion");
  co_return co_await let_go(std::move(binding));
}

async::Task<core::Result<Next>> BindingReconciler::let_go(Object binding) {
  StatusChange change = [](json::object& status) { binding_status::let_go(status); };
  core::Result<Object> written = co_await write(std::move(binding), std::move(change), OnConflict::give_up);
  if (!written) co_return core::fail(written.error());
  core::Result<> released = co_await release(context_, informer(), std::move(*written));
  if (!released) co_return core::fail(released.error());
  co_return Next::done();
}

async::Task<core::Result<Next>> BindingReconciler::pause(Object binding) {
  BindingView view(*binding);
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    binding_status::complete(status);
    pause_operation(status, view.deleting(), at);
  };
  core::Result<Object> written = co_await write(binding, std::move(change), OnConflict::give_up);
  if (!written) co_return core::fail(written.error());
  co_return Next::done();
}

}  // namespace catalog
