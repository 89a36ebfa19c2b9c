// What happens to an instance that is as its spec says, and to one that is paused.
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/instance/reconciler.hpp"
#include "catalog/policies/operation_status.hpp"

namespace catalog {

using runtime::Next;

async::Task<core::Result<Next>> InstanceReconciler::look_after(Object instance) {
  InstanceView before(*instance);
  if (before.deleting() || before.provision_status() != "Provisioned" || !before.ready())
    co_return Next::done();
  core::Result<bool> changed = co_await parameters_changed(instance);
  if (!changed) co_return core::fail(changed.error());
  if (*changed) co_return co_await update(std::move(instance));

  InstanceView view(*instance);
  kube::ObjectKey plan_key{Stores::namespace_in(view.scope(), kube::namespace_of(*instance)),
                           std::string(view.plan_ref())};
  Object plan = context_.stores.of(view.scope()).plans.store().get(plan_key);
  if (!plan) co_return Next::done();
  StatusChange change = [&](json::object& status) {
    instance_status::offer_upgrade(status, PlanView(*plan));
  };
  core::Result<Object> written = co_await write(instance, std::move(change));
  if (!written) co_return core::fail(written.error());
  std::string_view offered = core::find_string(**written, {"status", "upgrade", "to"});
  if (!offered.empty() && offered != core::find_string(*instance, {"status", "upgrade", "to"})) {
    context_.events.record(**written, runtime::EventType::normal, reasons::upgrade_available,
                           "The plan offers version " + std::string(offered) +
                               ": increase spec.updateRequests to upgrade the instance");
  }
  co_return Next::done();
}

// Reads the Secrets only where one has another version than status says.
async::Task<core::Result<bool>> InstanceReconciler::parameters_changed(Object& instance) {
  InstanceView view(*instance);
  std::string versions = secret_versions(context_.stores, view);
  if (versions.empty() || versions == view.handled_secret_versions()) co_return false;
  json::object defaults;
  if (const json::object* kept = core::find_object(view.status(), {"defaultProvisionParameters"}))
    defaults = *kept;
  auto gathered = co_await gather_parameters(context_, instance, std::move(defaults));
  if (!gathered) co_return core::fail(gathered.error());
  if (!*gathered) co_return false;  // an instance works without the Secret that it was made from
  const MergedParameters& parameters = **gathered;
  if (parameters.checksum != core::find_string(view.carried_out(), {"parameterChecksum"})) co_return true;
  StatusChange change = [&](json::object& status) { handle_secrets(status, parameters.secret_versions); };
  core::Result<Object> written = co_await write(instance, std::move(change), OnConflict::give_up);
  if (!written) co_return core::fail(written.error());
  instance = std::move(*written);
  co_return false;
}

async::Task<core::Result<Next>> InstanceReconciler::pause(Object instance) {
  InstanceView view(*instance);
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    instance_status::complete(status, view, {});
    pause_operation(status, view.deleting(), at);
  };
  core::Result<Object> written = co_await write(instance, std::move(change), OnConflict::give_up);
  if (!written) co_return core::fail(written.error());
  co_return Next::done();
}

}  // namespace catalog
