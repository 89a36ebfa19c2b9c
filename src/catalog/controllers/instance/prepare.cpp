// What a provision and an update need before the call: class, plan, broker, parameters, where it runs; and
// the announcement.
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/cluster_id.hpp"
#include "catalog/controllers/instance/reconciler.hpp"
#include "catalog/policies/operation_status.hpp"
#include "catalog/policies/resolution.hpp"

namespace catalog {

using instance_status::Operation;

namespace {

// An instance keeps the defaults that it was made with, until it changes its plan.
json::object defaults_of(const InstanceView& instance, const ClassAndPlan& resolved) {
  bool made_with_this_plan = instance.provision_status() == "Provisioned" &&
                             instance.plan_id_at_broker() == PlanView(*resolved.plan).external_id();
  if (!made_with_this_plan) return default_parameters(*resolved.service_class, *resolved.plan);
  const json::object* kept = core::find_object(instance.status(), {"defaultProvisionParameters"});
  return kept ? *kept : json::object();
}

}  // namespace

async::Task<core::Result<std::optional<InstanceReconciler::Prepared>>> InstanceReconciler::prepare(
    Object instance) {
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

  InstanceView view(*instance);
  Prepared prepared{.instance = instance,
                    .service_class = resolved->service_class,
                    .plan = resolved->plan,
                    .session = {},
                    .defaults = defaults_of(view, *resolved),
                    .parameters = {},
                    .namespace_ = {},
                    .cluster_id = {}};
  if (auto removed = refuse_removed(view, ClassView(*prepared.service_class), PlanView(*prepared.plan))) {
    co_return blocked(co_await block(instance, *removed));
  }
  auto session = co_await session_of_class(context_, instance, prepared.service_class);
  if (!session) co_return blocked(co_await block(instance, session.error()));
  prepared.session = std::move(*session);

  auto gathered = co_await gather_parameters(context_, instance, prepared.defaults);
  if (!gathered) co_return core::fail(gathered.error());
  if (!*gathered) co_return blocked(co_await block(instance, gathered->error()));
  prepared.parameters = std::move(**gathered);

  kube::ObjectKey namespace_key{{}, std::string(kube::namespace_of(*instance))};
  core::Result<json::object> namespace_ =
      co_await context_.client.get(kube::resources::namespaces, namespace_key);
  if (!namespace_) co_return core::fail(namespace_.error());
  prepared.namespace_ = std::move(*namespace_);
  core::Result<std::string> cluster_id = co_await context_.cluster_id.get();
  if (!cluster_id) co_return core::fail(cluster_id.error());
  prepared.cluster_id = std::move(*cluster_id);
  co_return std::optional<Prepared>(std::move(prepared));
}

// Admission resolves references when the instance is made; here those that could not be resolved then.
async::Task<core::Result<Object>> InstanceReconciler::keep_references(Object instance,
                                                                      const ClassAndPlan& resolved) {
  InstanceView view(*instance);
  const Scope& scope = view.scope();
  std::string class_name(kube::name_of(*resolved.service_class));
  std::string plan_name(kube::name_of(*resolved.plan));
  if (view.class_ref() == class_name && view.plan_ref() == plan_name) co_return instance;
  json::object spec{{scope.class_fields.ref, {{"name", class_name}}},
                    {scope.plan_fields.ref, {{"name", plan_name}}}};
  json::value patch{{"metadata", {{"resourceVersion", kube::resource_version_of(*instance)}}},
                    {"spec", std::move(spec)}};
  core::Result<json::object> written = co_await context_.client.patch(
      resources::service_instances, view.key(), kube::PatchType::merge, std::move(patch));
  if (!written) co_return core::fail(written.error());
  co_return informer().apply_written(std::move(*written));
}

async::Task<core::Result<>> InstanceReconciler::announce(Prepared& prepared, Operation operation,
                                                         const json::object* maintenance_info) {
  InstanceView view(*prepared.instance);
  PlanView plan(*prepared.plan);
  std::string_view broker = ClassView(*prepared.service_class).broker_name(view.scope());
  core::SystemTime at = now();
  StatusChange intent = [&](json::object& status) {
    json::object properties = instance_status::properties(view, plan, prepared.parameters);
    const json::object* under_way = core::find_object(status, {"inProgressProperties"});
    bool announced = core::find_string(status, {"currentOperation"}) ==
                         (operation == Operation::update ? "Update" : "Provision") &&
                     under_way && *under_way == properties;
    // What became of an earlier call need not be in status: its answer, or the record of it, may be lost.
    bool repeated = core::find_string(status, {"currentOperation"}) == "Provision";
    bool answered = has_answer_since_start(status);
    // What a conflict has shown stays somebody else's until the broker takes a request for it.
    bool taken =
        prepared.found || (operation == Operation::provision && instance_status::is_adopting(status));
    instance_status::complete(status, view, plan.external_name());
    instance_status::observe(status, view);
    handle_secrets(status, prepared.parameters.secret_versions);
    if (operation == Operation::update) instance_status::repeat_unconfirmed(status);
    status["brokerName"] = broker;
    if (!prepared.defaults.empty()) status["defaultProvisionParameters"] = prepared.defaults;
    std::string removal(core::find_string(status, {"deprovisionStatus"}));
    if (repeated && (announced || !answered)) instance_status::keep_unconfirmed_plan(status);
    if (!announced) instance_status::started(status, operation, std::move(properties), at);
    if (taken) instance_status::adopting(status, removal);
    instance_status::ask_for_version(status, maintenance_info);
  };
  core::Result<Object> announced = co_await write(prepared.instance, std::move(intent), OnConflict::give_up);
  if (!announced && announced.error().kind == core::ErrorKind::conflict)
    std::ignore =
        co_await confirm(context_, informer(), prepared.instance);  // the next try sees what it is now
  if (!announced) co_return core::fail(announced.error());
  // Announced before: no conflict of a write tells that another outcome is known by now.
  if (*announced == prepared.instance) {
    core::Result<> confirmed = co_await confirm(context_, informer(), *announced);
    if (!confirmed) co_return confirmed;
  }
  prepared.instance = std::move(*announced);
  co_return core::Result<>();
}

void InstanceReconciler::refetch_catalog(const Prepared& prepared) const {
  InstanceView view(*prepared.instance);
  const Scope& scope = view.scope();
  context_.refetch_catalog(scope, broker_key(view, ClassView(*prepared.service_class).broker_name(scope)));
}

}  // namespace catalog
