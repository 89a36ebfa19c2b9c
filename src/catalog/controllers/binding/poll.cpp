#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/binding/reconciler.hpp"
#include "catalog/policies/operation_status.hpp"

namespace catalog {

using binding_status::Operation;
using runtime::Next;

namespace {

// Short operations are not worth a write.
constexpr std::chrono::milliseconds progress_after = std::chrono::seconds(2);

binding_status::Failure failure_of_operation(bool unbinding, const std::string& why) {
  return {.reason = unbinding ? reasons::unbind_call_failed : reasons::bind_call_failed,
          .failed_reason = {},
          .message = (unbinding ? "Unbind call failed: " : "Bind call failed: ") + why,
          .verdict = {.retry = unbinding, .mitigate_orphan = !unbinding},
          .retry_after = {}};
}

}  // namespace

async::Task<core::Result<Next>> BindingReconciler::poll(Object binding) {
  BindingView view(*binding);
  kube::ObjectKey key = view.key();
  bool unbinding = view.orphan_mitigation_in_progress() || view.current_operation() == "Unbind";
  core::Result<Object> known = co_await instance_or_gone(binding);
  if (!known) co_return core::fail(known.error());
  Object instance = std::move(*known);
  // Without its instance there is nothing left at the broker, and nobody who could be asked.
  if (!instance && unbinding) co_return co_await finish_unbind(std::move(binding), {});
  if (!instance) {
    core::SystemTime at = now();
    Problem problem(reasons::references_nonexistent_instance,
                    "The ServiceInstance \"" + std::string(view.instance_name()) + "\" is gone.");
    StatusChange change = [&](json::object& status) {
      clear_operation(status);
      binding_status::blocked(status, problem, at);
    };
    core::Result<Object> written = co_await write(binding, std::move(change));
    if (!written) co_return core::fail(written.error());
    co_return Next::done();
  }
  auto target = co_await locate(context_, instance);
  if (!target) co_return co_await block(std::move(binding), target.error());
  core::Result<osb::LastOperationResponse> answer = co_await ask_last_operation(
      binding, instance, *target, std::string(view.binding_id()), std::string(view.last_operation()));

  bool gone = !answer && answer.error().kind == core::ErrorKind::gone;
  bool succeeded = answer && answer->state == osb::OperationState::succeeded;
  if (unbinding && (gone || succeeded)) {
    std::string description = succeeded ? std::move(answer->description) : std::string();
    co_return co_await finish_unbind(std::move(binding), std::move(description));
  }
  if (succeeded) co_return co_await fetch_and_inject(std::move(binding), std::move(*target));
  if (answer && answer->state == osb::OperationState::failed) {
    std::string why = answer->description.empty() ? "(no description provided)" : answer->description;
    co_return co_await fail(std::move(binding), failure_of_operation(unbinding, why));
  }
  std::chrono::milliseconds limit = polling_limit(context_, InstanceView(*instance));
  if (polled_too_long(view.status(), limit, now())) {
    binding_status::Failure failure = failure_of_operation(
        unbinding, "the broker did not finish it within " + core::to_duration_text(limit));
    failure.failed_reason = reasons::async_operation_timeout;
    // The plan's limit ends a bind; an unbind is asked for again as long as any other call.
    if (tried_too_long(view.status(), context_.options.reconciliation_retry_duration, now()))
      failure.verdict.retry = false;
    co_return co_await fail(std::move(binding), std::move(failure));
  }
  const bool is_known = answer || answer.error().kind != core::ErrorKind::not_found;
  if (polls_.unknown_for(key, is_known) >= longest_absence && !unbinding) {
    binding_status::Failure failure = failure_of_operation(unbinding, describe(answer.error()));
    failure.verdict.retry = true;
    co_return co_await fail(std::move(binding), std::move(failure));
  }
  core::SystemTime at = now();
  std::optional<std::chrono::seconds> retry_after;
  StatusChange change;
  if (!answer) {
    retry_after = answer.error().retry_after.value_or(std::chrono::seconds(1));
    std::string message = "Error polling last operation: " + describe(answer.error());
    change = [=](json::object& status) { binding_status::polling_failed(status, message, at); };
  } else {
    retry_after = answer->retry_after;
    std::string operation_key(view.last_operation());
    Operation operation = unbinding ? Operation::unbind : Operation::bind;
    std::string description = answer->description;
    bool tells = !description.empty() && polled_too_long(view.status(), progress_after, at);
    change = [=](json::object& status) {
      binding_status::asynchronous(status, operation, operation_key, at);
      if (tells) {
        operation_progresses(status, unbinding ? reasons::unbinding : reasons::binding, description, at);
      }
    };
  }
  core::Result<Object> written = co_await write(binding, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::after(polls_.next(key, view.operation_start_time(), retry_after));
}

async::Task<core::Result<Next>> BindingReconciler::fetch_and_inject(Object binding, BrokerTarget target) {
  BindingView view(*binding);
  Object instance = instance_of(view);
  core::Result<Obtained> fetched =
      co_await fetch(binding, instance, std::move(target), std::string(view.binding_id()));
  if (fetched) co_return co_await inject(std::move(binding), std::move(*fetched));
  std::string message = "Could not do a GET on binding resource: " + describe(fetched.error());
  if (polled_too_long(view.status(), polling_limit(context_, InstanceView(*instance)), now())) {
    binding_status::Failure failure = failure_of_operation(false, message);
    failure.failed_reason = reasons::fetching_binding_failed;
    co_return co_await fail(std::move(binding), std::move(failure));
  }
  // The credentials are there, so asking again may help: last_operation goes on saying that it succeeded.
  core::SystemTime at = now();
  Problem problem(reasons::fetching_binding_failed, std::move(message));
  StatusChange change = [&](json::object& status) { binding_status::blocked(status, problem, at); };
  core::Result<Object> written = co_await write(binding, std::move(change));
  if (!written) co_return core::fail(written.error());
  std::optional<std::chrono::seconds> at_least =
      fetched.error().retry_after.value_or(std::chrono::seconds(1));
  co_return Next::after(polls_.next(view.key(), view.operation_start_time(), at_least));
}

}  // namespace catalog
