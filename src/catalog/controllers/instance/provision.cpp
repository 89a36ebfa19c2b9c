#include "catalog/controllers/instance/reconciler.hpp"
#include "catalog/policies/broker_context.hpp"

namespace catalog {

using instance_status::Operation;
using runtime::Next;

namespace {

// Nobody has asked a broker for it, as far as its status knows; that may be lost.
bool may_exist_already(const InstanceView& instance) {
  std::string_view removal = instance.deprovision_status();
  return instance.provision_status().empty() && (removal.empty() || removal == "NotRequired");
}

}  // namespace

async::Task<core::Result<Next>> InstanceReconciler::provision(Object instance) {
  core::Result<std::optional<Prepared>> ready = co_await prepare(std::move(instance));
  if (!ready) co_return core::fail(ready.error());
  std::optional<Prepared> complete = std::move(*ready);
  if (!complete) co_return Next::done();
  Prepared& prepared = *complete;
  bool asks_first = may_exist_already(InstanceView(*prepared.instance)) &&
                    ClassView(*prepared.service_class).instances_retrievable();
  if (asks_first) {
    if (std::optional<Outcome> known = co_await adopt(prepared)) co_return std::move(*known);
  }
  const json::object* maintenance_info = PlanView(*prepared.plan).maintenance_info();
  core::Result<> announced = co_await announce(prepared, Operation::provision, maintenance_info);
  if (!announced) co_return core::fail(announced.error());

  InstanceView view(*prepared.instance);
  osb::ProvisionRequest request;
  request.instance_id = view.external_id();
  request.service_id = ClassView(*prepared.service_class).external_id();
  request.plan_id = PlanView(*prepared.plan).external_id();
  request.organization_guid = prepared.cluster_id;
  request.space_guid = kube::uid_of(prepared.namespace_);
  request.context = context_of_instance(*prepared.instance, prepared.namespace_, prepared.cluster_id);
  if (!prepared.parameters.to_send.empty()) request.parameters = std::move(prepared.parameters.to_send);
  if (maintenance_info) request.maintenance_info = *maintenance_info;
  request.accepts_incomplete = true;
  auto identity = identity_of(view);
  core::Result<osb::ProvisionResponse> response =
      co_await prepared.session->provision(std::move(request), std::move(identity));

  core::SystemTime at = now();
  if (!response) {
    if (is_maintenance_conflict(response.error())) refetch_catalog(prepared);
    instance_status::Failure failure = failure_of(view, BrokerCall::provision, response.error());
    StatusChange change = [&](json::object& status) {
      instance_status::provision_failed(status, failure, at);
    };
    co_return after_retry_wait(co_await write(prepared.instance, std::move(change)));
  }
  if (response->outcome == osb::Outcome::in_progress) {
    Accepted accepted{response->operation, response->dashboard_url, response->retry_after};
    co_return co_await start_polling(prepared.instance, Operation::provision, std::move(accepted));
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
