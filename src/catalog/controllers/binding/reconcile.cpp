#include "catalog/api/annotations.hpp"
#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/binding/reconciler.hpp"
#include "catalog/controllers/external_ids.hpp"
#include "catalog/policies/operation_status.hpp"
#include "catalog/policies/ownership.hpp"
#include "catalog/policies/rotation.hpp"

namespace catalog {

using binding_status::Operation;
using runtime::Next;

namespace {

// A user gave up what the broker has of the instance, and of its bindings with it.
bool is_left_behind(const json::object& binding, const json::object& instance, BindingPhase phase) {
  bool needs_broker = phase == BindingPhase::unbind || phase == BindingPhase::poll;
  return kube::is_being_deleted(binding) && needs_broker && kube::is_being_deleted(instance) &&
         is_annotated(instance, annotations::abandon);
}

}  // namespace

BindingReconciler::BindingReconciler(Context& context)
    : context_(context), polls_(context.clock, context.options.operation_polling_maximum_backoff) {}

async::Task<core::Result<Next>> BindingReconciler::reconcile(kube::ObjectKey key) {
  Object object = informer().store().get(key);
  if (!object) {
    polls_.forget(key);
    requests_.forget(key);
    restored_.erase(key);
    co_return Next::done();
  }
  const std::uint64_t asked = requests_.count(key);
  BindingView view(*object);
  // What was made from a Secret's old values stays; only a bind that failed by them is tried again. It writes
  // their versions, which anything else does not: that would be hurried by them for ever.
  bool repaired =
      view.failed() && phase_of(view, true) == BindingPhase::bind && has_new_secrets(context_.stores, view);
  bool again = asked > 0 || repaired;
  bool paused = phase_of(view, again) == BindingPhase::pause;
  Outcome outcome = co_await work(key, std::move(object), again);
  // Also while it is polled, or it would shorten a later wait.
  if (outcome && !paused) requests_.done(key, asked);
  co_return outcome;
}

async::Task<core::Result<Next>> BindingReconciler::work(kube::ObjectKey key, Object object, bool again) {
  core::Result<Object> whole = co_await completed(context_, informer(), std::move(object));
  if (!whole) co_return core::fail(whole.error());
  object = std::move(*whole);
  BindingPhase phase = phase_of(BindingView(*object), again);
  if (Object instance = instance_of(BindingView(*object));
      instance && is_left_behind(*object, *instance, phase))
    phase = BindingPhase::abandon;
  if (phase == BindingPhase::pause) co_return co_await pause(std::move(object));
  if (holds_its_ids(BindingView(*object))) {
    if (Object owner = context_.external_ids.other_owner(BindingView(*object)))
      co_return co_await stand_aside(std::move(object), std::move(owner));
  }
  if (auto problem = refuse_instance_of_another(BindingView(*object), phase))
    co_return co_await block(std::move(object), *problem);
  bool only_goes = phase == BindingPhase::release || phase == BindingPhase::abandon ||
                   phase == BindingPhase::retain || phase == BindingPhase::settled;
  if (!only_goes) {
    if (auto waits = co_await wait_for_proof(object)) co_return std::move(*waits);
  }
  core::Result<Object> going_on = co_await resumed(context_, informer(), std::move(object));
  if (!going_on) co_return core::fail(going_on.error());
  object = std::move(*going_on);
  BindingView binding(*object);
  if (phase == BindingPhase::poll || rotation::is_polled(binding)) {
    if (auto wait = polls_.wait(key)) co_return Next::after(*wait);
  } else {
    polls_.forget(key);
  }
  if (phase == BindingPhase::poll) co_return co_await poll(std::move(object));
  if (!again) {
    if (auto wait = wait_before(phase, binding, now())) co_return Next::after(*wait);
  }
  switch (phase) {
    case BindingPhase::pause:
    case BindingPhase::settled:
    case BindingPhase::poll:
      co_return Next::done();
    case BindingPhase::release: {
      core::Result<> released = co_await release(context_, informer(), std::move(object));
      if (!released) co_return core::fail(released.error());
      co_return Next::done();
    }
    case BindingPhase::abandon:
    case BindingPhase::retain:
      co_return co_await leave(std::move(object), phase);
    case BindingPhase::bind:
      co_return co_await bind(std::move(object));
    case BindingPhase::keep:
      co_return co_await keep(std::move(object), again);
    case BindingPhase::unbind:
    case BindingPhase::mitigate_orphan:
      co_return co_await unbind(std::move(object));
  }
  co_return Next::done();
}

Object BindingReconciler::instance_of(const BindingView& binding) const {
  return context_.stores.instances().store().get(
      {std::string(kube::namespace_of(binding.object())), std::string(binding.instance_name())});
}

async::Task<core::Result<Object>> BindingReconciler::instance_or_gone(Object binding) {
  BindingView view(*binding);
  if (Object known = instance_of(view)) co_return known;
  kube::ObjectKey key{std::string(kube::namespace_of(*binding)), std::string(view.instance_name())};
  core::Result<json::object> found = co_await context_.client.get(resources::service_instances, key);
  if (found) co_return std::make_shared<const json::object>(std::move(*found));
  if (found.error().kind == core::ErrorKind::not_found) co_return Object();
  co_return core::fail(found.error());
}

async::Task<core::Result<Object>> BindingReconciler::write(Object binding, StatusChange change,
                                                           OnConflict on_conflict) {
  co_return co_await write_status(context_, informer(), std::move(binding), std::move(change), on_conflict);
}

async::Task<core::Result<Next>> BindingReconciler::block(Object binding, Problem problem) {
  if (kube::is_being_deleted(*binding) && problem.reason != reasons::error_async_operation_in_progress)
    problem.message += " " + std::string(way_out_of_deletion);
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    binding_status::complete(status);
    binding_status::blocked(status, problem, at);
  };
  core::Result<Object> written = co_await write(std::move(binding), std::move(change), OnConflict::give_up);
  if (!written) co_return core::fail(written.error());
  co_return Next::done();  // what is missing announces itself when it comes
}

async::Task<core::Result<Next>> BindingReconciler::start_polling(
    Object binding, Operation operation, std::string operation_key,
    std::optional<std::chrono::seconds> retry_after) {
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    binding_status::asynchronous(status, operation, operation_key, at);
  };
  core::Result<Object> written = co_await write(binding, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::after(polls_.next(kube::key_of(*binding), std::nullopt, retry_after));
}

async::Task<core::Result<Next>> BindingReconciler::fail(Object binding, binding_status::Failure failure) {
  BindingView view(*binding);
  bool unbinding = view.orphan_mitigation_in_progress() || view.current_operation() == "Unbind";
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    if (unbinding) {
      binding_status::unbind_failed(status, failure, view, at);
    } else {
      binding_status::bind_failed(status, failure, view, at);
    }
  };
  co_return after_retry_wait(co_await write(binding, std::move(change)));
}

core::Result<Next> BindingReconciler::after_retry_wait(const core::Result<Object>& written) const {
  if (!written) return core::fail(written.error());
  auto wait = wait_before(phase_of(BindingView(**written)), BindingView(**written), now());
  return wait ? Next::after(*wait) : Next::done();
}

binding_status::Failure BindingReconciler::failure_of(const BindingView& binding, BrokerCall call,
                                                      const core::Error& error) const {
  bool binds = call == BrokerCall::bind;
  binding_status::Failure failure{
      .reason = binds ? reasons::bind_call_failed : reasons::unbind_call_failed,
      .failed_reason = binds ? reasons::binding_returned_failure : std::string_view(),
      .message = std::string("The ") + (binds ? "bind" : "unbind") + " call failed",
      .verdict = judge(call, error),
      .retry_after = error.retry_after};
  if (failure.verdict.retry &&
      tried_too_long(binding.status(), context_.options.reconciliation_retry_duration, now())) {
    failure.verdict.retry = false;
    failure.failed_reason = reasons::error_reconciliation_retry_timeout;
    failure.message += " for too long and will not be repeated";
  } else {
    failure.message +=
        failure.verdict.retry ? " and will be repeated" : "; delete the binding and create it again";
  }
  failure.message += ": " + describe(error);
  return failure;
}

}  // namespace catalog
