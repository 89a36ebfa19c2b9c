#include "catalog/api/annotations.hpp"
#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/instance/reconciler.hpp"
#include "catalog/policies/operation_status.hpp"

namespace catalog {

using instance_status::Operation;
using runtime::Next;

namespace {

constexpr std::chrono::seconds progress_interval(2);

Operation operation_under_way(const InstanceView& instance) {
  if (instance.orphan_mitigation_in_progress() || instance.current_operation() == "Deprovision")
    return Operation::deprovision;
  return instance.current_operation() == "Update" ? Operation::update : Operation::provision;
}

std::string_view reason_of(Operation operation) {
  switch (operation) {
    case Operation::provision:
      return reasons::provisioning;
    case Operation::update:
      return reasons::updating_instance;
    case Operation::deprovision:
      return reasons::deprovisioning;
  }
  return {};
}

// What last_operation said of a failure, or that it took too long.
instance_status::Failure failure_of_operation(Operation operation, const std::string& why,
                                              const osb::Aftermath& aftermath = {}) {
  instance_status::Failure failure{
      .reason = {}, .failed_reason = {}, .message = {}, .verdict = {}, .retry_after = {}};
  if (operation != Operation::provision) failure.aftermath = aftermath;
  switch (operation) {
    case Operation::provision:
      failure.reason = reasons::provision_call_failed;
      failure.message = "Provision call failed: " + why;
      failure.verdict = {.retry = false, .mitigate_orphan = true};
      break;
    case Operation::update:
      failure.reason = reasons::update_instance_call_failed;
      failure.message = "Update call failed: " + why;
      if (aftermath.update_repeatable == false) {
        failure.failed_reason = reasons::update_not_repeatable;
        failure.message += ". The broker says that the same update will fail again; change the spec";
      }
      break;
    case Operation::deprovision:
      failure.reason = reasons::deprovision_call_failed;
      failure.message = "Deprovision call failed: " + why;
      failure.verdict = {.retry = true, .mitigate_orphan = false};
      break;
  }
  return failure;
}

}  // namespace

async::Task<core::Result<Next>> InstanceReconciler::poll(Object instance) {
  InstanceView view(*instance);
  kube::ObjectKey key = view.key();
  auto target = co_await locate(context_, instance);
  if (!target) co_return co_await block(instance, target.error());
  Operation operation = operation_under_way(view);
  osb::LastOperationRequest request{.instance_id = std::string(view.external_id()),
                                    .binding_id = {},
                                    .service_id = target->service_id,
                                    .plan_id = target->plan_id,
                                    .operation = std::string(view.last_operation())};
  auto identity = identity_of(view);
  core::Result<osb::LastOperationResponse> answer =
      co_await target->session->last_operation(std::move(request), std::move(identity));

  if (!answer && answer.error().kind == core::ErrorKind::gone && operation == Operation::deprovision) {
    co_return co_await finish_deprovision(std::move(instance), {});
  }
  if (answer && answer->state == osb::OperationState::succeeded)
    co_return co_await succeed(std::move(instance), std::move(answer->description));
  if (answer && answer->state == osb::OperationState::failed) {
    std::string why = answer->description.empty() ? "(no description provided)" : answer->description;
    osb::Aftermath aftermath{answer->instance_usable, answer->update_repeatable};
    co_return co_await fail(std::move(instance), failure_of_operation(operation, why, aftermath));
  }

  std::chrono::milliseconds limit = polling_limit(context_, view);
  if (polled_too_long(view.status(), limit, now())) {
    instance_status::Failure failure = failure_of_operation(
        operation, "the broker did not finish it within " + core::to_duration_text(limit));
    failure.failed_reason = reasons::async_operation_timeout;
    co_return co_await fail(std::move(instance), std::move(failure));
  }
  const bool is_known = answer || answer.error().kind != core::ErrorKind::not_found;
  if (polls_.unknown_for(key, is_known) >= longest_absence && operation == Operation::provision) {
    // Its records were lost, or a deletion of an earlier try came late.
    instance_status::Failure failure = failure_of_operation(operation, describe(answer.error()));
    failure.verdict.retry = true;
    co_return co_await fail(std::move(instance), std::move(failure));
  }
  if (!answer) {
    std::string message = "Error polling last operation: " + describe(answer.error());
    core::SystemTime at = now();
    StatusChange change = [&](json::object& status) { instance_status::polling_failed(status, message, at); };
    core::Result<Object> written = co_await write(instance, std::move(change));
    if (!written) co_return core::fail(written.error());
    std::chrono::seconds at_least = answer.error().retry_after.value_or(std::chrono::seconds(1));
    std::chrono::milliseconds usual = polls_.next(key, view.operation_start_time(), std::nullopt);
    co_return Next::after(usual < at_least ? polls_.next(key, view.operation_start_time(), at_least) : usual);
  }
  if (condition_reason(view.status(), condition_type::ready) == reasons::error_polling_last_operation) {
    core::SystemTime at = now();
    std::string operation_key(view.last_operation());
    StatusChange change = [&](json::object& status) {
      instance_status::asynchronous(status, operation, operation_key, at);
    };
    core::Result<Object> written = co_await write(instance, std::move(change));
    if (!written) co_return core::fail(written.error());
  }
  core::Result<Next> told = co_await tell_progress(instance, operation, answer->description);
  if (!told) co_return core::fail(told.error());
  co_return Next::after(polls_.next(key, view.operation_start_time(), answer->retry_after));
}

// Short operations are not worth a write, and no operation one at every poll.
async::Task<core::Result<Next>> InstanceReconciler::tell_progress(Object instance, Operation operation,
                                                                  const std::string& description) {
  InstanceView view(*instance);
  auto [due, first] = progress_due_.try_emplace(view.key(), context_.clock.now() + progress_interval);
  if (description.empty() || context_.clock.now() < due->second) co_return Next::done();
  due->second = context_.clock.now() + progress_interval;
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    operation_progresses(status, reason_of(operation), description, at);
  };
  core::Result<Object> written = co_await write(instance, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::done();
}

async::Task<core::Result<Next>> InstanceReconciler::succeed(Object instance, std::string description) {
  Operation operation = operation_under_way(InstanceView(*instance));
  if (operation == Operation::deprovision)
    co_return co_await finish_deprovision(std::move(instance), std::move(description));
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    if (operation == Operation::update) {
      instance_status::updated(status, at);
    } else {
      instance_status::provisioned(status, at);
    }
  };
  core::Result<Object> written = co_await write(instance, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::done();
}

async::Task<core::Result<Next>> InstanceReconciler::fail(Object instance, instance_status::Failure failure) {
  InstanceView view(*instance);
  Operation operation = operation_under_way(view);
  failure.retained = is_annotated(*instance, annotations::retain);
  core::SystemTime at = now();
  if (tried_too_long(view.status(), context_.options.reconciliation_retry_duration, at))
    failure.verdict.retry = false;
  StatusChange change = [&](json::object& status) {
    switch (operation) {
      case Operation::provision:
        return instance_status::provision_failed(status, failure, at);
      case Operation::update:
        return instance_status::update_failed(status, failure, at);
      case Operation::deprovision:
        return instance_status::deprovision_failed(status, failure, at);
    }
  };
  co_return after_retry_wait(co_await write(instance, std::move(change)));
}

}  // namespace catalog
