#include "catalog/controllers/instance/reconciler.hpp"

namespace catalog {

using instance_status::Operation;
using runtime::Next;

async::Task<core::Result<Next>> InstanceReconciler::update(Object instance) {
  core::Result<std::optional<Prepared>> ready = co_await prepare(std::move(instance), Operation::update);
  if (!ready) co_return core::fail(ready.error());
  std::optional<Prepared> complete = std::move(*ready);
  if (!complete) co_return Next::done();
  Prepared& prepared = *complete;
  InstanceView view(*prepared.instance);
  json::object carried_out;
  if (const json::object* known = core::find_object(view.status(), {"externalProperties"}))
    carried_out = *known;
  std::string_view old_plan = core::find_string(carried_out, {view.scope().plan_external_id_property});

  osb::UpdateRequest request;
  request.instance_id = view.external_id();
  request.service_id = ClassView(*prepared.service_class).external_id();
  PlanView plan(*prepared.plan);
  if (plan.external_id() != old_plan) request.plan_id = plan.external_id();
  if (prepared.parameters.checksum != core::find_string(carried_out, {"parameterChecksum"})) {
    request.parameters = std::move(prepared.parameters.to_send);
  }
  request.previous_values = json::object{{"plan_id", old_plan}, {"service_id", request.service_id}};
  request.context = osb_context(prepared);
  request.accepts_incomplete = true;
  auto identity = identity_of(view);
  core::Result<osb::UpdateResponse> response =
      co_await prepared.session->update(std::move(request), std::move(identity));

  core::SystemTime at = now();
  if (!response) {
    instance_status::Failure failure = failure_of(view, BrokerCall::update, response.error());
    StatusChange change = [&](json::object& status) { instance_status::update_failed(status, failure, at); };
    co_return after_retry_wait(co_await write(prepared.instance, std::move(change)));
  }
  if (response->outcome == osb::Outcome::in_progress) {
    co_return co_await start_polling(prepared.instance, Operation::update, response->operation,
                                     response->dashboard_url);
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
