// An instance with a status that was written for another object: a backup was restored with it, or somebody
// copied it. What it says of the broker proves nothing of this object: the other one may be alive, in another
// namespace or cluster. So it counts for nothing until the broker has taken a request with this object's
// context, as adopt.cpp has it. Brokers whose instances cannot be fetched cannot be asked without risk: their
// instances' status is believed.
#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/cluster_id.hpp"
#include "catalog/controllers/instance/reconciler.hpp"
#include "catalog/policies/broker_context.hpp"

namespace catalog {

using runtime::Next;

async::Task<core::Result<Object>> InstanceReconciler::forget_other_life(Object instance) {
  StatusChange change = [](json::object& status) {
    instance_status::let_go(status);
    remove_condition(status, condition_type::ready);
  };
  co_return co_await write(std::move(instance), std::move(change), OnConflict::give_up);
}

// An update that changes nothing: our broker compares its context with what it has recorded.
async::Task<core::Result<bool>> InstanceReconciler::is_ours_at_broker(Object instance) {
  auto target = co_await locate(context_, instance);
  if (!target) co_return core::fail(core::ErrorKind::unavailable, target.error().message);
  kube::ObjectKey namespace_key{{}, std::string(kube::namespace_of(*instance))};
  core::Result<json::object> namespace_ =
      co_await context_.client.get(kube::resources::namespaces, namespace_key);
  if (!namespace_) co_return core::fail(namespace_.error());
  core::Result<std::string> cluster_id = co_await context_.cluster_id.get();
  if (!cluster_id) co_return core::fail(cluster_id.error());
  InstanceView view(*instance);
  osb::UpdateRequest request;
  request.instance_id = view.external_id();
  request.service_id = target->service_id;
  request.context = context_of_instance(*instance, *namespace_, *cluster_id);
  request.accepts_incomplete = true;
  auto identity = identity_of(view);
  osb::ChangeResult<osb::UpdateResponse> response =
      co_await target->session->update(std::move(request), std::move(identity));
  if (response) co_return true;
  if (judge(BrokerCall::update, response.error()).retry) co_return core::fail(response.error());
  co_return false;
}

async::Task<core::Result<Next>> InstanceReconciler::remove_unproven(Object instance) {
  // Before its bindings go: whether they may speak to the broker depends on it.
  core::Result<bool> ours = co_await is_ours_at_broker(instance);
  if (!ours) {
    Problem problem(reasons::error_adopting_instance,
                    "The status of this object was restored from another one. The broker cannot be asked "
                    "whether it has the instance for this one; it will be asked again: " +
                        describe(ours.error()));
    core::Result<Next> blocked = co_await block(std::move(instance), std::move(problem));
    if (!blocked) co_return blocked;
    co_return core::fail(ours.error());
  }
  if (*ours) {
    InstanceView view(*instance);
    StatusChange change = [&](json::object& status) { instance_status::observe(status, view); };
    core::Result<Object> written = co_await write(instance, std::move(change), OnConflict::give_up);
    if (!written) co_return core::fail(written.error());
    co_return Next::after(std::chrono::milliseconds(0));
  }
  context_.events.record(*instance, runtime::EventType::warning, reasons::left_behind,
                         "The status of this object was restored from another one, and the broker does not "
                         "have the instance " +
                             std::string(InstanceView(*instance).external_id()) +
                             " for this one: the broker was not told about the deletion");
  co_return co_await let_go(std::move(instance));
}

}  // namespace catalog
