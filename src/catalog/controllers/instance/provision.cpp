#include "catalog/controllers/instance/reconciler.hpp"
#include "catalog/policies/adoption.hpp"
#include "catalog/policies/broker_context.hpp"
#include "catalog/policies/operation_status.hpp"

namespace catalog {

using instance_status::Operation;
using runtime::Next;

namespace {

// As far as status knows nothing at the broker is ours; that may be lost, or belong to somebody else.
bool may_exist_already(const InstanceView& instance) {
  std::string_view removal = instance.deprovision_status();
  return removal.empty() || removal == "NotRequired" || instance_status::is_adopting(instance.status());
}

}  // namespace

void InstanceReconciler::wait_until_shown(instance_status::Failure& failure, const json::object& instance,
                                          const core::Error& error) const {
  if (tried_too_long(InstanceView(instance).status(), context_.options.reconciliation_retry_duration, now()))
    return;
  failure.verdict.retry = true;
  failure.message =
      "The broker has an instance with this spec.externalID, and does not show it yet; it will be asked "
      "again: " +
      describe(error);
}

async::Task<core::Result<Next>> InstanceReconciler::provision(Object instance) {
  core::Result<std::optional<Prepared>> ready = co_await prepare(std::move(instance));
  if (!ready) co_return core::fail(ready.error());
  std::optional<Prepared> complete = std::move(*ready);
  if (!complete) co_return Next::done();
  Prepared& prepared = *complete;
  bool retrievable = ClassView(*prepared.service_class).instances_retrievable();
  if (retrievable && may_exist_already(InstanceView(*prepared.instance))) {
    if (std::optional<Outcome> waits = co_await look_for_it(prepared)) co_return std::move(*waits);
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
  json::object context = context_of_instance(*prepared.instance, prepared.namespace_, prepared.cluster_id);
  std::optional<json::object> origin = adopted_from(*prepared.instance, prepared.cluster_id);
  if (origin) context["adopted_from"] = *origin;
  request.context = std::move(context);
  if (!prepared.parameters.to_send.empty()) request.parameters = prepared.parameters.to_send;
  if (maintenance_info) request.maintenance_info = *maintenance_info;
  request.accepts_incomplete = true;
  auto identity = identity_of(view);
  core::Result<osb::ProvisionResponse> response =
      co_await prepared.session->provision(std::move(request), std::move(identity));

  core::SystemTime at = now();
  if (!response) {
    if (is_maintenance_conflict(response.error())) refetch_catalog(prepared);
    bool differs = response.error().http_status == 409;
    // Whose it is only a request for it tells: one from another namespace is handed over as it is, or not.
    // One that came after the broker said that it has none does not say either: not even whether an earlier
    // request of ours, whose answer was lost, has made it.
    if (!prepared.found && differs && retrievable) {
      if (std::optional<Outcome> waits = co_await look_again(prepared)) co_return std::move(*waits);
    }
    if (prepared.found && differs && !origin) co_return co_await adopt_by_update(std::move(prepared));
    if (prepared.found)
      co_return co_await adoption_failed(prepared.instance, BrokerCall::provision, response.error());
    instance_status::Failure failure =
        failure_of(InstanceView(*prepared.instance), BrokerCall::provision, response.error());
    // What is being created cannot be fetched yet (OSB: 404). It may be from our own earlier request, with
    // what the spec said then: once it can be seen, it is linked to and updated.
    if (differs && retrievable) wait_until_shown(failure, *prepared.instance, response.error());
    failure.unclear =
        response.error().http_status == 0 || judge(BrokerCall::provision, response.error()).mitigate_orphan;
    failure.taken = differs;
    StatusChange change = [&](json::object& status) {
      instance_status::provision_failed(status, failure, at);
    };
    co_return after_retry_wait(co_await write(prepared.instance, std::move(change)));
  }
  if (response->outcome == osb::Outcome::in_progress) {
    Accepted accepted{response->operation, response->dashboard_url, response->retry_after, !prepared.found};
    co_return co_await start_polling(prepared.instance, Operation::provision, std::move(accepted));
  }
  if (prepared.found) co_return co_await link(std::move(prepared), std::move(response->dashboard_url));
  StatusChange change = [&](json::object& status) {
    instance_status::dashboard(status, response->dashboard_url);
    instance_status::provisioned(status, at);
  };
  core::Result<Object> written = co_await write(prepared.instance, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::done();
}

}  // namespace catalog
