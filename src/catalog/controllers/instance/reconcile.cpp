#include "catalog/api/reasons.hpp"
#include "catalog/controllers/cluster_id.hpp"
#include "catalog/controllers/instance/reconciler.hpp"
#include "catalog/policies/operation_status.hpp"
#include "catalog/policies/resolution.hpp"

namespace catalog {

using instance_status::Operation;
using runtime::Next;

InstanceReconciler::InstanceReconciler(Context& context)
    : context_(context), polls_(context.clock, context.options.operation_polling_maximum_backoff) {}

async::Task<core::Result<Next>> InstanceReconciler::reconcile(kube::ObjectKey key) {
  Object object = informer().store().get(key);
  if (!object) {
    polls_.forget(key);
    progress_.erase(key);
    in_a_hurry_.erase(key);
    co_return Next::done();
  }
  InstanceView instance(*object);
  InstancePhase phase = phase_of(instance);
  if (phase == InstancePhase::poll) {
    if (auto wait = polls_.wait(key)) co_return Next::after(*wait);
    co_return co_await poll(std::move(object));
  }
  polls_.forget(key);
  progress_.erase(key);
  if (in_a_hurry_.erase(key) == 0) {
    if (auto wait = wait_before(phase, instance, now())) co_return Next::after(*wait);
  }
  switch (phase) {
    case InstancePhase::settled:
    case InstancePhase::poll:
      co_return Next::done();
    case InstancePhase::release: {
      core::Result<> released = co_await release(context_, informer(), std::move(object));
      if (!released) co_return core::fail(released.error());
      co_return Next::done();
    }
    case InstancePhase::provision:
      co_return co_await provision(std::move(object));
    case InstancePhase::update:
      co_return co_await update(std::move(object));
    case InstancePhase::deprovision:
    case InstancePhase::mitigate_orphan:
      co_return co_await deprovision(std::move(object));
  }
  co_return Next::done();
}

async::Task<core::Result<Object>> InstanceReconciler::write(Object instance, StatusChange change,
                                                            OnConflict on_conflict) {
  co_return co_await write_status(context_, informer(), std::move(instance), std::move(change), on_conflict);
}

async::Task<core::Result<Next>> InstanceReconciler::block(Object instance, Problem problem) {
  InstanceView view(*instance);
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    instance_status::complete(status, view, {});
    instance_status::blocked(status, problem, at);
  };
  core::Result<Object> written = co_await write(instance, std::move(change), OnConflict::give_up);
  if (!written) co_return core::fail(written.error());
  co_return Next::done();  // what is missing announces itself when it comes
}

async::Task<core::Result<std::optional<InstanceReconciler::Prepared>>> InstanceReconciler::prepare(
    Object instance, Operation operation) {
  using Result = core::Result<std::optional<Prepared>>;
  auto blocked = [](const Outcome& outcome) -> Result {
    if (!outcome) return core::fail(outcome.error());
    return std::nullopt;
  };
  auto resolved = resolve(context_.stores, InstanceView(*instance));
  if (!resolved) co_return blocked(co_await block(instance, resolved.error()));
  core::Result<Object> with_references = co_await keep_references(instance, *resolved);
  if (!with_references) co_return core::fail(with_references.error());
  instance = std::move(*with_references);

  Prepared prepared{.instance = instance,
                    .service_class = resolved->service_class,
                    .plan = resolved->plan,
                    .session = {},
                    .parameters = {},
                    .namespace_uid = {},
                    .cluster_id = {}};
  InstanceView view(*instance);
  PlanView plan(*prepared.plan);
  if (auto removed = refuse_removed(view, ClassView(*prepared.service_class), plan)) {
    co_return blocked(co_await block(instance, *removed));
  }
  auto session = co_await session_of_class(context_, instance, prepared.service_class);
  if (!session) co_return blocked(co_await block(instance, session.error()));
  prepared.session = std::move(*session);

  json::object defaults = default_parameters(*prepared.service_class, *prepared.plan);
  auto parameters = co_await gather_parameters(context_, instance, defaults);
  if (!parameters) co_return blocked(co_await block(instance, parameters.error()));
  prepared.parameters = std::move(*parameters);

  kube::ObjectKey namespace_key{{}, std::string(kube::namespace_of(*instance))};
  core::Result<json::object> namespace_ =
      co_await context_.client.get(kube::resources::namespaces, namespace_key);
  if (!namespace_) co_return core::fail(namespace_.error());
  prepared.namespace_uid = kube::uid_of(*namespace_);
  core::Result<std::string> cluster_id = co_await context_.cluster_id.get();
  if (!cluster_id) co_return core::fail(cluster_id.error());
  prepared.cluster_id = std::move(*cluster_id);

  core::SystemTime at = now();
  StatusChange intent = [&](json::object& status) {
    json::object properties = instance_status::properties(view, plan, prepared.parameters);
    bool announced = core::find_string(status, {"currentOperation"}) ==
                         (operation == Operation::update ? "Update" : "Provision") &&
                     core::find_object(status, {"inProgressProperties"}) &&
                     *core::find_object(status, {"inProgressProperties"}) == properties;
    instance_status::complete(status, view, plan.external_name());
    instance_status::observe(status, view.generation());
    if (!defaults.empty()) status["defaultProvisionParameters"] = defaults;
    if (!announced) instance_status::started(status, operation, std::move(properties), at);
  };
  core::Result<Object> announced = co_await write(instance, std::move(intent), OnConflict::give_up);
  if (!announced) co_return core::fail(announced.error());
  prepared.instance = std::move(*announced);
  co_return std::optional<Prepared>(std::move(prepared));
}

json::object InstanceReconciler::osb_context(const Prepared& prepared) const {
  return {{"platform", "kubernetes"},
          {"namespace", kube::namespace_of(*prepared.instance)},
          {"clusterid", prepared.cluster_id},
          {"instance_name", kube::name_of(*prepared.instance)}};
}

async::Task<core::Result<Next>> InstanceReconciler::start_polling(Object instance, Operation operation,
                                                                  std::string operation_key,
                                                                  std::string dashboard_url) {
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    instance_status::dashboard(status, dashboard_url);
    instance_status::asynchronous(status, operation, operation_key, at);
  };
  core::Result<Object> written = co_await write(instance, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::after(polls_.next(kube::key_of(*instance), std::nullopt, std::nullopt));
}

core::Result<Next> InstanceReconciler::after_retry_wait(const core::Result<Object>& written) const {
  if (!written) return core::fail(written.error());
  auto wait = wait_before(phase_of(InstanceView(**written)), InstanceView(**written), now());
  return wait ? Next::after(*wait) : Next::done();
}

instance_status::Failure InstanceReconciler::failure_of(const InstanceView& instance, BrokerCall call,
                                                        const core::Error& error) const {
  bool answered = error.http_status != 0;
  instance_status::Failure failure{.reason = {},
                                   .failed_reason = {},
                                   .message = {},
                                   .verdict = judge(call, error),
                                   .retry_after = error.retry_after};
  std::string_view what;
  switch (call) {
    case BrokerCall::update:
      failure.reason =
          answered ? reasons::update_instance_call_failed : reasons::error_calling_update_instance;
      what = "update";
      break;
    case BrokerCall::deprovision:
      failure.reason = reasons::deprovision_call_failed;
      what = "deprovision";
      break;
    default:
      failure.reason = answered ? reasons::provision_call_failed : reasons::error_calling_provision;
      failure.failed_reason = answered ? reasons::broker_returned_failure : std::string_view();
      what = "provision";
      break;
  }
  failure.message = "The " + std::string(what) + " call failed";
  if (failure.verdict.retry &&
      tried_too_long(instance.status(), context_.options.reconciliation_retry_duration, now())) {
    failure.verdict.retry = false;
    failure.failed_reason = reasons::error_reconciliation_retry_timeout;
    failure.message += " for too long; it will not be repeated until the spec is changed";
  } else {
    failure.message +=
        failure.verdict.retry ? " and will be repeated" : "; change the spec or delete the instance";
  }
  failure.message += ": " + describe(error);
  return failure;
}

}  // namespace catalog
