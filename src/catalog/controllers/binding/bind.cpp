#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/binding/reconciler.hpp"
#include "catalog/controllers/cluster_id.hpp"

namespace catalog {

using binding_status::Operation;
using runtime::Next;

namespace {

// A binding that is created together with its instance waits this long before it says so: no noise in the
// ordinary case.
constexpr std::chrono::milliseconds patience(3000);

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
  if (view.async_op_in_progress() || !view.ready()) {
    std::string_view why = condition_message(view.status(), condition_type::ready);
    return Problem(reasons::error_instance_not_ready,
                   name + " is not ready" + (why.empty() ? "." : ": " + std::string(why)));
  }
  return std::nullopt;
}

std::chrono::milliseconds age(const BindingView& binding, core::SystemTime now) {
  auto created = core::parse_rfc3339(core::find_string(binding.object(), {"metadata", "creationTimestamp"}));
  return created ? now - *created : patience;
}

}  // namespace

async::Task<core::Result<Next>> BindingReconciler::bind(Object binding) {
  BindingView view(*binding);
  Object instance = instance_of(view);
  if (auto problem = refuse_instance(instance, view)) {
    bool silent = !find_condition(view.status(), condition_type::ready);
    std::chrono::milliseconds old = age(view, now());
    if (silent && instance && old < patience) co_return Next::after(patience - old);
    co_return co_await block(std::move(binding), *problem);
  }
  auto resolved = resolve(context_.stores, InstanceView(*instance));
  if (!resolved) co_return co_await block(std::move(binding), resolved.error());
  if (!PlanView(*resolved->plan).bindable(ClassView(*resolved->service_class))) {
    binding_status::Failure failure{
        .reason = reasons::error_nonbindable_class,
        .failed_reason = {},
        .message = "The plan \"" + std::string(PlanView(*resolved->plan).external_name()) + "\" of class \"" +
                   std::string(ClassView(*resolved->service_class).external_name()) + "\" cannot be bound.",
        .verdict = {},
        .retry_after = {}};
    co_return co_await fail(std::move(binding), std::move(failure));
  }
  auto session = co_await session_of_class(context_, instance, resolved->service_class);
  if (!session) co_return co_await block(std::move(binding), session.error());
  json::object no_defaults;
  auto parameters = co_await gather_parameters(context_, binding, std::move(no_defaults));
  if (!parameters) co_return co_await block(std::move(binding), parameters.error());

  if (view.current_operation() != "Bind") {
    core::SystemTime at = now();
    StatusChange intent = [&](json::object& status) {
      binding_status::complete(status);
      binding_status::started(status, Operation::bind, binding_status::properties(view, *parameters), at);
    };
    core::Result<Object> written = co_await write(binding, std::move(intent), OnConflict::give_up);
    if (!written) co_return core::fail(written.error());
    binding = std::move(*written);
  }
  co_return co_await send_bind(std::move(binding), std::move(instance), std::move(*resolved),
                               std::move(*session), std::move(parameters->to_send));
}

async::Task<core::Result<Next>> BindingReconciler::send_bind(Object binding, Object instance,
                                                             ClassAndPlan resolved,
                                                             std::shared_ptr<BrokerSession> session,
                                                             json::object parameters) {
  BindingView view(*binding);
  core::Result<std::string> cluster_id = co_await context_.cluster_id.get();
  if (!cluster_id) co_return core::fail(cluster_id.error());
  osb::BindRequest request;
  request.instance_id = InstanceView(*instance).external_id();
  request.binding_id = view.external_id();
  request.service_id = ClassView(*resolved.service_class).external_id();
  request.plan_id = InstanceView(*instance).plan_id_at_broker();
  if (request.plan_id.empty()) request.plan_id = PlanView(*resolved.plan).external_id();
  request.context = json::object{
      {"platform", "kubernetes"}, {"namespace", kube::namespace_of(*binding)}, {"clusterid", *cluster_id}};
  if (!parameters.empty()) request.parameters = std::move(parameters);
  request.accepts_incomplete = ClassView(*resolved.service_class).binding_retrievable();
  auto identity = identity_of(view);
  core::Result<osb::BindResponse> response = co_await session->bind(std::move(request), std::move(identity));
  if (!response) {
    binding_status::Failure failure = failure_of(view, BrokerCall::bind, response.error());
    co_return co_await fail(std::move(binding), std::move(failure));
  }
  if (response->outcome == osb::Outcome::in_progress) {
    co_return co_await start_polling(std::move(binding), Operation::bind, response->operation);
  }
  json::object credentials;
  if (json::object* given = response->credentials.if_object()) credentials = std::move(*given);
  co_return co_await inject(std::move(binding), std::move(credentials));
}

}  // namespace catalog
