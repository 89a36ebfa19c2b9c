// Deletes what the broker has: for an instance that is being deleted, and after a creation that failed in a
// way that may have left something there. Without bindings first; with whatever class, plan and broker
// details are still there.
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/instance/reconciler.hpp"

namespace catalog {

using instance_status::Operation;
using runtime::Next;

namespace {

// What the broker knows: the plan may have been edited since, and an update may have failed.
json::object known_properties(const InstanceView& instance) {
  for (std::string_view field : {"externalProperties", "inProgressProperties"}) {
    if (const json::object* properties = core::find_object(instance.status(), {field})) return *properties;
  }
  return {};
}

}  // namespace

async::Task<core::Result<Next>> InstanceReconciler::deprovision(Object instance) {
  InstanceView view(*instance);
  if (view.deleting()) {
    if (auto waits = co_await wait_for_bindings(instance)) co_return *waits;
  }
  auto target = co_await locate(context_, instance);
  if (!target) co_return co_await block(instance, target.error());

  bool announced = view.current_operation() == "Deprovision" && view.worked_on();
  if (view.deleting() && !announced) {
    core::SystemTime at = now();
    StatusChange intent = [&](json::object& status) {
      instance_status::complete(status, view, {});
      instance_status::observe(status, view);
      instance_status::started(status, Operation::deprovision, known_properties(view), at);
    };
    core::Result<Object> written = co_await write(instance, std::move(intent), OnConflict::give_up);
    if (!written) co_return core::fail(written.error());
    instance = std::move(*written);
  } else {
    core::Result<> confirmed = co_await confirm(context_, informer(), instance);
    if (!confirmed) co_return core::fail(confirmed.error());
  }
  co_return co_await send_deprovision(std::move(instance), std::move(*target));
}

async::Task<core::Result<Next>> InstanceReconciler::send_deprovision(Object instance, BrokerTarget target) {
  InstanceView view(*instance);
  osb::DeprovisionRequest request{.instance_id = std::string(view.external_id()),
                                  .service_id = target.service_id,
                                  .plan_id = target.plan_id,
                                  .accepts_incomplete = true};
  auto identity = identity_of(view);
  osb::ChangeResult<osb::DeprovisionResponse> response =
      co_await target.session->deprovision(std::move(request), std::move(identity));
  if (!response) {
    core::SystemTime at = now();
    instance_status::Failure failure =
        failure_of(view, BrokerCall::deprovision, response.error(), response.error().aftermath);
    StatusChange change = [&](json::object& status) {
      instance_status::deprovision_failed(status, failure, at);
    };
    co_return after_retry_wait(co_await write(instance, std::move(change)));
  }
  if (response->outcome == osb::Outcome::in_progress) {
    Accepted accepted{response->operation, {}, response->retry_after};
    co_return co_await start_polling(instance, Operation::deprovision, std::move(accepted));
  }
  co_return co_await finish_deprovision(std::move(instance), {});
}

async::Task<core::Result<Next>> InstanceReconciler::finish_deprovision(Object instance,
                                                                       std::string description) {
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    instance_status::deprovisioned(status, description, at);
  };
  core::Result<Object> written = co_await write(instance, std::move(change));
  if (!written) co_return core::fail(written.error());
  if (!InstanceView(**written).deleting()) co_return after_retry_wait(written);
  instance = std::move(*written);
  core::Result<> released = co_await release(context_, informer(), std::move(instance));
  if (!released) co_return core::fail(released.error());
  co_return Next::done();
}

}  // namespace catalog
