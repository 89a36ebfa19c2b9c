// An instance whose externalID the broker knows already: made with a known id, or restored from a backup that
// has no status. It is linked to, not provisioned.
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/instance/reconciler.hpp"

namespace catalog {

using runtime::Next;

namespace {

// What the broker tells of the parameters, which may be a part of them or nothing, agrees with what is
// wanted.
bool agrees(const json::value& told, const json::object& wanted) {
  const json::object* members = told.if_object();
  if (!members) return true;
  for (const json::key_value_pair& member : *members) {
    const json::value* value = wanted.if_contains(member.key());
    if (value && *value != member.value()) return false;
  }
  return true;
}

}  // namespace

async::Task<std::optional<core::Result<Next>>> InstanceReconciler::adopt(const Prepared& prepared) {
  InstanceView view(*prepared.instance);
  ClassView service_class(*prepared.service_class);
  PlanView plan(*prepared.plan);
  osb::FetchInstanceRequest request{.instance_id = std::string(view.external_id()),
                                    .service_id = std::string(service_class.external_id()),
                                    .plan_id = std::string(plan.external_id())};
  auto identity = identity_of(view);
  core::Result<osb::FetchInstanceResponse> known =
      co_await prepared.session->fetch_instance(std::move(request), std::move(identity));
  core::SystemTime at = now();
  if (!known) {
    // Only where the broker may still say that it has it is there something to wait for.
    instance_status::Failure failure = failure_of(view, BrokerCall::provision, known.error());
    if (!failure.verdict.retry) co_return std::nullopt;
    failure.verdict.mitigate_orphan = false;
    failure.message =
        "The broker cannot be asked whether it has the instance already; it will be asked again: " +
        describe(known.error());
    StatusChange change = [&](json::object& status) {
      instance_status::complete(status, view, plan.external_name());
      instance_status::observe(status, view.generation());
      instance_status::provision_failed(status, failure, at);
    };
    co_return after_retry_wait(co_await write(prepared.instance, std::move(change)));
  }
  if (!known->service_id.empty() && known->service_id != service_class.external_id()) {
    Problem problem(reasons::error_adopting_instance,
                    "The broker has an instance of another class under spec.externalID \"" +
                        std::string(view.external_id()) +
                        "\": delete this object and name the class with the id " + known->service_id + ".");
    co_return co_await block(prepared.instance, std::move(problem));
  }

  bool same_plan = known->plan_id.empty() || known->plan_id == plan.external_id();
  bool same_parameters = agrees(known->parameters, prepared.parameters.to_send);
  MergedParameters none;
  json::object properties =
      instance_status::properties(view, plan, same_parameters ? prepared.parameters : none);
  if (!same_plan) {
    properties.erase(view.scope().plan_external_name_property);
    properties[view.scope().plan_external_id_property] = known->plan_id;
  }
  StatusChange change = [&](json::object& status) {
    instance_status::complete(status, view, plan.external_name());
    status["brokerName"] = service_class.broker_name(view.scope());
    if (!prepared.defaults.empty()) status["defaultProvisionParameters"] = prepared.defaults;
    instance_status::dashboard(status, known->dashboard_url);
    instance_status::adopted(status, properties, known->maintenance_info.if_object(), view.generation(),
                             same_plan && same_parameters, at);
  };
  core::Result<Object> written = co_await write(prepared.instance, std::move(change), OnConflict::give_up);
  if (!written) co_return core::fail(written.error());
  co_return Next::done();
}

}  // namespace catalog
