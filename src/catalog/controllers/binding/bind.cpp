#include "catalog/api/annotations.hpp"
#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/binding/reconciler.hpp"
#include "catalog/controllers/cluster_id.hpp"
#include "catalog/policies/broker_context.hpp"
#include "catalog/policies/operation_status.hpp"
#include "catalog/policies/rotation.hpp"

namespace catalog {

using binding_status::Operation;
using runtime::Next;

namespace {

// A binding that is created together with its instance waits this long before it says so: no noise in the
// ordinary case.
constexpr std::chrono::milliseconds patience(3000);

constexpr std::string_view async_required = "AsyncRequired";
constexpr const char* only_asynchronous =
    "The class does not have bindings_retrievable, so credentials that are created asynchronously could not "
    "be fetched: the broker has to support that";

std::chrono::milliseconds age(const BindingView& binding, core::SystemTime now) {
  auto created = core::parse_rfc3339(core::find_string(binding.object(), {"metadata", "creationTimestamp"}));
  return created ? now - *created : patience;
}

}  // namespace

std::optional<Problem> refuse_instance(const Object& instance, const BindingView& binding) {
  std::string name = "The ServiceInstance \"" + std::string(binding.instance_name()) + "\"";
  if (!instance)
    return Problem(reasons::references_nonexistent_instance,
                   name + " does not exist in this namespace: create it.");
  InstanceView view(*instance);
  if (view.deleting()) return Problem(reasons::error_instance_not_ready, name + " is being deleted.");
  if (view.class_ref().empty() || view.plan_ref().empty()) {
    return Problem(reasons::error_instance_refs_unresolved,
                   name + " has no class and plan yet: see its conditions.");
  }
  if (condition_is_true(view.status(), condition_type::unusable)) {
    return Problem(
        reasons::error_instance_not_ready,
        name + " cannot be used: " + std::string(condition_message(view.status(), condition_type::unusable)));
  }
  if (!view.usable()) {
    std::string_view why = condition_message(view.status(), condition_type::ready);
    return Problem(reasons::error_instance_not_ready,
                   name + " is not ready" + (why.empty() ? "." : ": " + std::string(why)));
  }
  return std::nullopt;
}

async::Task<core::Result<Next>> BindingReconciler::bind(Object binding) {
  BindingView view(*binding);
  Object instance = instance_of(view);
  if (auto problem = refuse_instance(instance, view)) {
    bool silent = !find_condition(view.status(), condition_type::ready);
    std::chrono::milliseconds old = age(view, now());
    if (silent && instance && old < patience) co_return Next::after(patience - old);
    co_return co_await block(std::move(binding), *problem);
  }
  auto prepared = co_await prepare_bind(binding, std::move(instance));
  if (!prepared) co_return core::fail(prepared.error());
  std::expected<BindCall, Problem> call = std::move(*prepared);
  if (!call && call.error().reason == reasons::error_nonbindable_class) {
    binding_status::Failure failure{.reason = reasons::error_nonbindable_class,
                                    .failed_reason = {},
                                    .message = call.error().message,
                                    .verdict = {},
                                    .retry_after = {}};
    co_return co_await fail(std::move(binding), std::move(failure));
  }
  if (!call) co_return co_await block(std::move(binding), call.error());

  call->is_repeated = view.current_operation() == "Bind";
  if (view.current_operation() != "Bind" ||
      view.handled_secret_versions().value_or("") != call->secret_versions) {
    core::SystemTime at = now();
    StatusChange intent = [&](json::object& status) {
      binding_status::complete(status);
      binding_status::started(status, Operation::bind, call->properties, at);
      handle_secrets(status, call->secret_versions);
    };
    core::Result<Object> written = co_await write(binding, std::move(intent), OnConflict::give_up);
    if (!written) co_return core::fail(written.error());
    binding = std::move(*written);
  } else {
    // Announced before: no conflict of a write tells that another outcome is known by now.
    core::Result<> confirmed = co_await confirm(context_, informer(), binding);
    if (!confirmed) co_return core::fail(confirmed.error());
  }
  co_return co_await send_bind(std::move(binding), std::move(*call));
}

async::Task<core::Result<std::expected<BindingReconciler::BindCall, Problem>>>
BindingReconciler::prepare_bind(Object binding, Object instance) {
  using Prepared = std::expected<BindCall, Problem>;
  BindingView view(*binding);
  auto resolved = resolve(context_.stores, InstanceView(*instance));
  if (!resolved) co_return Prepared(std::unexpected(resolved.error()));
  ClassView service_class(*resolved->service_class);
  PlanView plan(*resolved->plan);
  if (!plan.bindable(service_class)) {
    co_return Prepared(
        std::unexpected(Problem(reasons::error_nonbindable_class,
                                "The plan \"" + std::string(plan.external_name()) + "\" of class \"" +
                                    std::string(service_class.external_name()) + "\" cannot be bound.")));
  }
  auto session = co_await session_of_class(context_, instance, resolved->service_class);
  if (!session) co_return Prepared(std::unexpected(session.error()));
  json::object no_defaults;
  auto gathered = co_await gather_parameters(context_, binding, std::move(no_defaults));
  if (!gathered) co_return core::fail(gathered.error());
  if (!*gathered) co_return Prepared(std::unexpected(gathered->error()));
  MergedParameters parameters = std::move(**gathered);
  core::Result<std::string> cluster_id = co_await context_.cluster_id.get();
  if (!cluster_id) co_return core::fail(cluster_id.error());

  BindCall call{.session = std::move(*session),
                .request = {},
                .properties = binding_status::properties(view, parameters),
                .secret_versions = std::move(parameters.secret_versions),
                .rotatable = plan.binding_rotatable()};
  osb::BindRequest& request = call.request;
  request.instance_id = InstanceView(*instance).external_id();
  request.service_id = service_class.external_id();
  request.plan_id = InstanceView(*instance).plan_id_at_broker();
  if (request.plan_id.empty()) request.plan_id = plan.external_id();
  request.context = context_of_binding(*binding, *cluster_id);
  if (!parameters.to_send.empty()) request.parameters = std::move(parameters.to_send);
  request.accepts_incomplete = service_class.binding_retrievable();
  co_return Prepared(std::move(call));
}

async::Task<core::Result<Next>> BindingReconciler::send_bind(Object binding, BindCall call) {
  BindingView view(*binding);
  call.request.binding_id = view.binding_id();
  bool retrievable = call.request.accepts_incomplete;
  bool repeated = call.is_repeated;
  auto identity = identity_of(view);
  core::Result<osb::BindResponse> response =
      co_await call.session->bind(std::move(call.request), std::move(identity));
  if (response && response->outcome == osb::Outcome::in_progress && !retrievable) {
    // It was not asked to, and its credentials could not be read.
    core::Error error{
        .kind = core::ErrorKind::protocol, .code = std::string(async_required), .http_status = 202};
    error.message = "the broker started to bind asynchronously";
    response = core::fail(std::move(error));
  }
  if (!response) {
    binding_status::Failure failure = failure_of(view, BrokerCall::bind, response.error());
    if (!retrievable && response.error().code == async_required) {
      failure.verdict = {.retry = false, .mitigate_orphan = response.error().http_status == 202};
      failure.message = "The bind call failed: " + describe(response.error()) + ". " + only_asynchronous;
    }
    failure.repeated = repeated;
    failure.taken = response.error().http_status == 409;
    co_return co_await fail(std::move(binding), std::move(failure));
  }
  if (response->outcome == osb::Outcome::in_progress) {
    co_return co_await start_polling(std::move(binding), Operation::bind, response->operation,
                                     response->retry_after);
  }
  Obtained obtained = obtained_from(std::move(response->credentials), std::move(response->metadata));
  co_return co_await inject(std::move(binding), std::move(obtained));
}

async::Task<core::Result<Next>> BindingReconciler::inject(Object binding, Obtained obtained) {
  core::SystemTime at = now();
  core::Result<std::string> version = co_await write_credentials(binding, std::move(obtained.credentials));
  if (!version && version.error().kind == core::ErrorKind::too_large) {
    // Neither the transforms nor what the broker gives will be smaller the next time.
    binding_status::Failure failure{.reason = reasons::error_injecting_bind_result,
                                    .failed_reason = {},
                                    .message = "Error injecting bind result: " + version.error().message +
                                               ". Delete this binding and create another one",
                                    .verdict = {.retry = false, .mitigate_orphan = true},
                                    .retry_after = {}};
    co_return co_await fail(std::move(binding), std::move(failure));
  }
  if (!version) co_return co_await not_restored(std::move(binding), version.error().message);
  StatusChange change = [&](json::object& status) {
    binding_status::bound(status, BindingView(*binding), *version, at);
    rotation::made(status, annotation(*binding, annotations::rotate), obtained.metadata, at);
  };
  core::Result<Object> written = co_await write(binding, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::done();
}

}  // namespace catalog
