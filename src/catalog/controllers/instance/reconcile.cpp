#include "catalog/api/annotations.hpp"
#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/external_ids.hpp"
#include "catalog/controllers/instance/reconciler.hpp"
#include "catalog/policies/operation_status.hpp"
#include "catalog/policies/ownership.hpp"

namespace catalog {

using instance_status::Operation;
using runtime::Next;

namespace {

// What it needs now reads the Secrets, so that status tells their versions afterwards. Anything else would be
// hurried by a changed Secret for ever.
bool takes_parameters(const InstanceView& instance) {
  InstancePhase phase = phase_of(instance, true);
  return phase == InstancePhase::provision || phase == InstancePhase::update;
}

}  // namespace

InstanceReconciler::InstanceReconciler(Context& context)
    : context_(context), polls_(context.clock, context.options.operation_polling_maximum_backoff) {}

async::Task<core::Result<Next>> InstanceReconciler::reconcile(kube::ObjectKey key) {
  Object object = informer().store().get(key);
  if (!object) {
    polls_.forget(key);
    progress_due_.erase(key);
    requests_.forget(key);
    patient_until_.erase(key);
    co_return Next::done();
  }
  const std::uint64_t asked = requests_.count(key);
  InstanceView view(*object);
  bool again = asked > 0 || (takes_parameters(view) && has_new_secrets(context_.stores, view));
  bool paused = phase_of(view, again) == InstancePhase::pause;
  Outcome outcome = co_await work(key, std::move(object), again);
  if (outcome && !paused) requests_.done(key, asked);
  co_return outcome;
}

async::Task<core::Result<Next>> InstanceReconciler::work(kube::ObjectKey key, Object object, bool again) {
  core::Result<Object> whole = co_await completed(context_, informer(), std::move(object));
  if (!whole) co_return core::fail(whole.error());
  object = std::move(*whole);
  InstancePhase phase = phase_of(InstanceView(*object), again);
  if (phase == InstancePhase::pause) co_return co_await pause(std::move(object));
  if (holds_its_ids(InstanceView(*object))) {
    if (Object owner = context_.external_ids.other_owner(InstanceView(*object)))
      co_return co_await stand_aside(std::move(object), std::move(owner));
  }
  core::Result<Object> going_on = co_await resumed(context_, informer(), std::move(object));
  if (!going_on) co_return core::fail(going_on.error());
  object = std::move(*going_on);
  if (is_unproven(context_.stores, InstanceView(*object))) {
    const bool removes = phase == InstancePhase::deprovision || phase == InstancePhase::poll;
    if (InstanceView(*object).deleting()) {
      if (removes) co_return co_await remove_unproven(std::move(object));
    } else {
      core::Result<Object> forgotten = co_await forget_other_life(std::move(object));
      if (!forgotten) co_return core::fail(forgotten.error());
      object = std::move(*forgotten);
      phase = phase_of(InstanceView(*object), again);
    }
  }
  if (phase == InstancePhase::poll) {
    if (auto wait = polls_.wait(key)) co_return Next::after(*wait);
    co_return co_await poll(std::move(object));
  }
  polls_.forget(key);
  progress_due_.erase(key);
  if (!again) {
    if (auto wait = wait_before(phase, InstanceView(*object), now())) co_return Next::after(*wait);
  }
  switch (phase) {
    case InstancePhase::pause:
    case InstancePhase::poll:
      co_return Next::done();
    case InstancePhase::settled:
      co_return co_await look_after(std::move(object));
    case InstancePhase::abandon:
    case InstancePhase::retain:
      co_return co_await leave(std::move(object), phase);
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
  bool needs_broker = view.deleting() && problem.reason != reasons::deprovision_blocked_by_credentials;
  if (needs_broker) problem.message += " " + std::string(way_out_of_deletion);
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    instance_status::complete(status, view, {});
    instance_status::blocked(status, problem, at);
  };
  core::Result<Object> written = co_await write(instance, std::move(change), OnConflict::give_up);
  if (!written) co_return core::fail(written.error());
  co_return Next::done();  // what is missing announces itself when it comes
}

async::Task<core::Result<Next>> InstanceReconciler::start_polling(Object instance, Operation operation,
                                                                  Accepted accepted) {
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    instance_status::dashboard(status, accepted.dashboard_url);
    instance_status::asynchronous(status, operation, accepted.operation_key, at);
    if (accepted.is_ours) instance_status::is_ours(status);
  };
  core::Result<Object> written = co_await write(instance, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::after(polls_.next(kube::key_of(*instance), std::nullopt, accepted.retry_after));
}

core::Result<Next> InstanceReconciler::after_retry_wait(const core::Result<Object>& written) const {
  if (!written) return core::fail(written.error());
  auto wait = wait_before(phase_of(InstanceView(**written)), InstanceView(**written), now());
  return wait ? Next::after(*wait) : Next::done();
}

instance_status::Failure InstanceReconciler::failure_of(const InstanceView& instance, BrokerCall call,
                                                        const core::Error& error,
                                                        const osb::Aftermath& aftermath) const {
  bool answered = error.http_status != 0;
  instance_status::Failure failure{
      .reason = {},
      .failed_reason = {},
      .message = {},
      .verdict = judge(call, error),
      .retry_after = error.retry_after,
      .retained = is_annotated(instance.object(), annotations::retain),
      .refused = error.http_status >= 400 && error.http_status < 500 && error.http_status != 408,
      .aftermath = aftermath};
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
  if (aftermath.update_repeatable == false && call == BrokerCall::update) {
    failure.verdict.retry = false;
    failure.failed_reason = reasons::update_not_repeatable;
    failure.message += ", and the broker says that the same update will fail again; change the spec";
  } else if (failure.verdict.retry &&
             tried_too_long(instance.status(), context_.options.reconciliation_retry_duration, now())) {
    failure.verdict.retry = false;
    failure.failed_reason = reasons::error_reconciliation_retry_timeout;
    failure.message += " for too long; increase spec.updateRequests to repeat it";
  } else if (call == BrokerCall::provision && error.http_status == 409) {
    failure.message +=
        "; the broker already has an instance with this spec.externalID, with another plan or other "
        "parameters, or from another namespace: ask for the same ones to link to it, say where it was with "
        "the annotation " +
        std::string(annotations::adopt_from) + ", or create an instance with another id";
  } else {
    failure.message +=
        failure.verdict.retry ? " and will be repeated" : "; change the spec or delete the instance";
  }
  failure.message += ": " + describe(error);
  return failure;
}

}  // namespace catalog
