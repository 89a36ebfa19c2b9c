#include "catalog/controllers/instance/reconciler.hpp"

namespace catalog {

using instance_status::Operation;
using runtime::Next;

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
  auto kept = std::make_shared<const json::object>(*written);
  informer().store().apply_written(std::move(*written));
  co_return kept;
}

async::Task<core::Result<Next>> InstanceReconciler::provision(Object instance) {
  core::Result<std::optional<Prepared>> ready = co_await prepare(std::move(instance), Operation::provision);
  if (!ready) co_return core::fail(ready.error());
  std::optional<Prepared> complete = std::move(*ready);
  if (!complete) co_return Next::done();
  Prepared& prepared = *complete;
  InstanceView view(*prepared.instance);

  osb::ProvisionRequest request;
  request.instance_id = view.external_id();
  request.service_id = ClassView(*prepared.service_class).external_id();
  request.plan_id = PlanView(*prepared.plan).external_id();
  request.organization_guid = prepared.cluster_id;
  request.space_guid = prepared.namespace_uid;
  request.context = osb_context(prepared);
  if (!prepared.parameters.to_send.empty()) request.parameters = std::move(prepared.parameters.to_send);
  if (const json::value* info = core::find(*prepared.plan, {"spec", "maintenanceInfo"}))
    request.maintenance_info = *info;
  request.accepts_incomplete = true;
  auto identity = identity_of(view);
  core::Result<osb::ProvisionResponse> response =
      co_await prepared.session->provision(std::move(request), std::move(identity));

  core::SystemTime at = now();
  if (!response) {
    instance_status::Failure failure = failure_of(view, BrokerCall::provision, response.error());
    StatusChange change = [&](json::object& status) {
      instance_status::provision_failed(status, failure, at);
    };
    co_return after_retry_wait(co_await write(prepared.instance, std::move(change)));
  }
  if (response->outcome == osb::Outcome::in_progress) {
    co_return co_await start_polling(prepared.instance, Operation::provision, response->operation,
                                     response->dashboard_url);
  }
  StatusChange change = [&](json::object& status) {
    instance_status::dashboard(status, response->dashboard_url);
    instance_status::provisioned(status, at);
  };
  core::Result<Object> written = co_await write(prepared.instance, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::done();
}

}  // namespace catalog
