// An instance whose externalID the broker knows already: made with a known id, or restored from a backup that
// has no status. It is linked to, not provisioned.
//
// That there is one does not say whose it is, and whoever reads an id could name it. So it is linked to only
// when the broker has taken a request for it that carries our context: the same provision request that made
// it (OSB: 200 where it is identical), or an update where plan or parameters differ. Our broker compares the
// context with what it has recorded, and hands an instance of another namespace over to the one that the
// annotation adopt-from names. Until then nothing is deleted: neither by a deletion nor as an orphan.
#include "catalog/api/annotations.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/instance/reconciler.hpp"
#include "catalog/policies/broker_context.hpp"
#include "catalog/policies/operation_status.hpp"

namespace catalog {

using instance_status::Operation;
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

async::Task<std::optional<core::Result<Next>>> InstanceReconciler::look_for_it(Prepared& prepared) {
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
    const core::ErrorKind why = known.error().kind;
    if (why == core::ErrorKind::not_found || why == core::ErrorKind::gone)
      co_return std::nullopt;  // it has none
    // Anything else leaves open whether it has one: no request is announced before it says.
    instance_status::Failure failure = failure_of(view, BrokerCall::provision, known.error());
    failure.verdict.mitigate_orphan = false;
    failure.message = std::string("The broker cannot be asked whether it already has the instance") +
                      (failure.verdict.retry
                           ? "; it will be asked again: "
                           : ", so nothing is provisioned; increase spec.updateRequests to ask it again: ") +
                      describe(known.error());
    StatusChange change = [&](json::object& status) {
      instance_status::complete(status, view, plan.external_name());
      instance_status::observe(status, view);
      handle_secrets(status, prepared.parameters.secret_versions);
      instance_status::provision_failed(status, failure, at);
    };
    co_return after_retry_wait(co_await write(prepared.instance, std::move(change)));
  }
  if (!known->service_id.empty() && known->service_id != service_class.external_id()) {
    Problem problem(reasons::error_adopting_instance,
                    "The broker has an instance of another class under spec.externalID \"" +
                        std::string(view.external_id()) +
                        "\": delete this object and use the class with the id " + known->service_id + ".");
    co_return co_await block(prepared.instance, std::move(problem));
  }
  prepared.found = std::move(*known);
  co_return std::nullopt;
}

async::Task<std::optional<core::Result<Next>>> InstanceReconciler::look_again(Prepared& prepared) {
  StatusChange change = [](json::object& status) { instance_status::adopting(status, "NotRequired"); };
  core::Result<Object> written = co_await write(prepared.instance, std::move(change));
  if (!written) co_return Outcome(core::fail(written.error()));
  prepared.instance = std::move(*written);
  co_return co_await look_for_it(prepared);
}

async::Task<core::Result<Next>> InstanceReconciler::link(Prepared prepared, std::string dashboard_url) {
  InstanceView view(*prepared.instance);
  PlanView plan(*prepared.plan);
  const osb::FetchInstanceResponse& found = *prepared.found;
  bool same_plan = found.plan_id.empty() || found.plan_id == plan.external_id();
  bool same_parameters = agrees(found.parameters, prepared.parameters.to_send);
  MergedParameters none;
  json::object properties =
      instance_status::properties(view, plan, same_parameters ? prepared.parameters : none);
  if (!same_plan) {
    properties.erase(view.scope().plan_external_name_property);
    properties[view.scope().plan_external_id_property] = found.plan_id;
  }
  const json::object* version = found.maintenance_info.if_object();
  if (!version && same_plan) version = plan.maintenance_info();
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    instance_status::dashboard(status, found.dashboard_url);
    instance_status::dashboard(status, dashboard_url);
    instance_status::adopted(status, properties, version, view, same_plan && same_parameters, at);
  };
  core::Result<Object> written = co_await write(prepared.instance, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::done();
}

async::Task<core::Result<Next>> InstanceReconciler::adopt_by_update(Prepared prepared) {
  core::Result<> announced = co_await announce(prepared, Operation::update, nullptr);
  if (!announced) co_return core::fail(announced.error());
  InstanceView view(*prepared.instance);
  PlanView plan(*prepared.plan);
  const std::string& plan_now = prepared.found->plan_id;
  osb::UpdateRequest request;
  request.instance_id = view.external_id();
  request.service_id = ClassView(*prepared.service_class).external_id();
  if (plan_now != plan.external_id()) request.plan_id = plan.external_id();
  if (!prepared.parameters.to_send.empty()) request.parameters = prepared.parameters.to_send;
  json::object previous{{"service_id", request.service_id},
                        {"organization_id", prepared.cluster_id},
                        {"space_id", kube::uid_of(prepared.namespace_)}};
  if (!plan_now.empty()) previous["plan_id"] = plan_now;
  request.previous_values = std::move(previous);
  request.context = context_of_instance(*prepared.instance, prepared.namespace_, prepared.cluster_id);
  request.accepts_incomplete = true;
  auto identity = identity_of(view);
  osb::ChangeResult<osb::UpdateResponse> response =
      co_await prepared.session->update(std::move(request), std::move(identity));
  if (!response) co_return co_await adoption_failed(prepared.instance, BrokerCall::update, response.error());
  if (response->outcome == osb::Outcome::in_progress) {
    // It works on it for this object: whatever comes of the update, what it had before is linked to.
    MergedParameters unknown;
    json::object properties = instance_status::properties(view, plan, unknown);
    if (!plan_now.empty() && plan_now != plan.external_id()) {
      properties.erase(view.scope().plan_external_name_property);
      properties[view.scope().plan_external_id_property] = plan_now;
    }
    StatusChange linked = [&](json::object& status) {
      status["externalProperties"] = properties;
      status["provisionStatus"] = "Provisioned";
      status["deprovisionStatus"] = "Required";
    };
    core::Result<Object> kept = co_await write(prepared.instance, std::move(linked));
    if (!kept) co_return core::fail(kept.error());
    prepared.instance = std::move(*kept);
    Accepted accepted{response->operation, response->dashboard_url, response->retry_after};
    co_return co_await start_polling(prepared.instance, Operation::update, std::move(accepted));
  }
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    instance_status::dashboard(status, response->dashboard_url);
    instance_status::updated(status, at);
  };
  core::Result<Object> written = co_await write(prepared.instance, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::done();
}

async::Task<core::Result<Next>> InstanceReconciler::adoption_failed(Object instance, BrokerCall call,
                                                                    core::Error error) {
  InstanceView view(*instance);
  core::SystemTime at = now();
  instance_status::Failure failure = failure_of(view, BrokerCall::provision, error);
  failure.verdict.retry = failure.verdict.retry && judge(call, error).retry;
  failure.reason = reasons::error_adopting_instance;
  if (!failure.verdict.retry) {
    failure.failed_reason = reasons::error_adopting_instance;
    failure.message = "The broker has an instance under spec.externalID \"" +
                      std::string(view.external_id()) +
                      "\" and does not link it to this object. Ask for the plan and the parameters that it "
                      "has. If it belonged to another namespace or cluster, annotate this object with " +
                      std::string(annotations::adopt_from) +
                      "=<namespace> or =<cluster id>/<namespace>, which requires the verb adopt there. The "
                      "broker's answer: " +
                      describe(error);
  }
  StatusChange change = [&](json::object& status) { instance_status::provision_failed(status, failure, at); };
  co_return after_retry_wait(co_await write(std::move(instance), std::move(change)));
}

}  // namespace catalog
