#include "catalog/api/reasons.hpp"
#include "catalog/controllers/instance/reconciler.hpp"
#include "catalog/policies/broker_context.hpp"
#include "catalog/policies/operation_status.hpp"
#include "catalog/policies/resolution.hpp"

namespace catalog {

using instance_status::Operation;
using runtime::Next;

namespace {

// What the update changes, against what the broker has carried out.
struct Differences {
  bool leaves_plan = false;
  // What has to be sent: also what an earlier update may have changed without anybody knowing.
  bool plan = false;
  bool parameters = false;

  // An update that a user asks for without changing anything brings the instance to its plan's version.
  [[nodiscard]] bool upgrades() const { return !plan && !parameters; }
};

Differences differences(const InstanceView& instance, const PlanView& plan,
                        const MergedParameters& parameters) {
  instance_status::Unconfirmed unconfirmed = instance_status::unconfirmed(instance.status());
  bool other_plan = plan.external_id() != instance.plan_id_at_broker();
  bool other_parameters =
      parameters.checksum != core::find_string(instance.carried_out(), {"parameterChecksum"});
  return {.leaves_plan = other_plan,
          .plan = other_plan || unconfirmed.plan,
          .parameters = other_parameters || unconfirmed.parameters};
}

std::optional<Problem> refuse_plan_change(Stores& stores, const InstanceView& instance,
                                          const ClassView& service_class) {
  const Scope& scope = instance.scope();
  std::string key = Stores::index_key(Stores::namespace_in(scope, kube::namespace_of(instance.object())),
                                      service_class.name());
  std::vector<Object> plans = stores.of(scope).plans.store().by_index(indexes::by_class, key);
  if (may_change_plan(instance, service_class, pointers(plans))) return std::nullopt;
  return Problem(reasons::plan_not_updatable, "The class \"" + std::string(service_class.external_name()) +
                                                  "\" does not let an instance change its plan: use the old "
                                                  "plan again, or create a new instance with the other one.");
}

}  // namespace

async::Task<core::Result<Next>> InstanceReconciler::update(Object instance) {
  core::Result<std::optional<Prepared>> ready = co_await prepare(std::move(instance));
  if (!ready) co_return core::fail(ready.error());
  std::optional<Prepared> complete = std::move(*ready);
  if (!complete) co_return Next::done();
  Prepared& prepared = *complete;
  PlanView plan(*prepared.plan);
  ClassView service_class(*prepared.service_class);
  InstanceView before(*prepared.instance);
  Differences differing = differences(before, plan, prepared.parameters);
  if (differing.upgrades() && instance_status::is_settled_elsewhere(before)) {
    StatusChange change = [&](json::object& status) {
      instance_status::taken_over(status, before);
      handle_secrets(status, prepared.parameters.secret_versions);
    };
    core::Result<Object> written = co_await write(prepared.instance, std::move(change), OnConflict::give_up);
    if (!written) co_return core::fail(written.error());
    co_return Next::done();
  }
  if (differing.leaves_plan) {
    if (auto refused = refuse_plan_change(context_.stores, before, service_class))
      co_return co_await block(prepared.instance, *refused);
  }
  // A Secret was changed, but not what the update takes from it.
  json::object properties = instance_status::properties(before, plan, prepared.parameters);
  if (instance_status::is_unrepeatable(before, properties)) {
    StatusChange change = [&](json::object& status) {
      handle_secrets(status, prepared.parameters.secret_versions);
    };
    core::Result<Object> written = co_await write(prepared.instance, std::move(change), OnConflict::give_up);
    if (!written) co_return core::fail(written.error());
    co_return Next::done();
  }
  json::object used;
  if (const json::object* known = core::find_object(before.status(), {"maintenanceInfo", "used"}))
    used = *known;
  const json::object* offered = differing.plan || differing.upgrades() ? plan.maintenance_info() : nullptr;
  const json::object* kept = used.empty() || differing.plan ? nullptr : &used;
  core::Result<> announced = co_await announce(prepared, Operation::update, offered ? offered : kept);
  if (!announced) co_return core::fail(announced.error());

  InstanceView view(*prepared.instance);
  osb::UpdateRequest request;
  request.instance_id = view.external_id();
  request.service_id = service_class.external_id();
  if (differing.plan) request.plan_id = plan.external_id();
  if (differing.parameters) request.parameters = std::move(prepared.parameters.to_send);
  json::object previous{{"plan_id", view.plan_id_at_broker()},
                        {"service_id", request.service_id},
                        {"organization_id", prepared.cluster_id},
                        {"space_id", kube::uid_of(prepared.namespace_)}};
  if (!used.empty()) previous["maintenance_info"] = used;
  request.previous_values = std::move(previous);
  // A request that changes nothing else would be one to change the context.
  if (differing.plan || differing.parameters || offered || service_class.allow_context_updates())
    request.context = context_of_instance(*prepared.instance, prepared.namespace_, prepared.cluster_id);
  if (offered) request.maintenance_info = *offered;
  request.accepts_incomplete = true;
  auto identity = identity_of(view);
  osb::ChangeResult<osb::UpdateResponse> response =
      co_await prepared.session->update(std::move(request), std::move(identity));

  core::SystemTime at = now();
  if (!response) {
    if (is_maintenance_conflict(response.error())) refetch_catalog(prepared);
    instance_status::Failure failure =
        failure_of(view, BrokerCall::update, response.error(), response.error().aftermath);
    StatusChange change = [&](json::object& status) { instance_status::update_failed(status, failure, at); };
    co_return after_retry_wait(co_await write(prepared.instance, std::move(change)));
  }
  if (response->outcome == osb::Outcome::in_progress) {
    Accepted accepted{response->operation, response->dashboard_url, response->retry_after};
    co_return co_await start_polling(prepared.instance, Operation::update, std::move(accepted));
  }
  StatusChange change = [&](json::object& status) {
    instance_status::dashboard(status, response->dashboard_url);
    instance_status::updated(status, at);
  };
  core::Result<Object> written = co_await write(prepared.instance, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::done();
}

}  // namespace catalog
