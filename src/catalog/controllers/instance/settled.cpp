// What happens to an instance that is as its spec says, and to one that is paused.
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/instance/reconciler.hpp"
#include "catalog/policies/operation_status.hpp"

namespace catalog {

using runtime::Next;

namespace {

// The versions of the Secrets in parametersFrom; "" where it reads none.
std::string versions_of_secrets(Stores& stores, const InstanceView& instance) {
  std::string versions;
  const json::array* sources = instance.parameters_from();
  json::array none;
  for (const json::value& source : sources ? *sources : none) {
    kube::ObjectKey key{std::string(kube::namespace_of(instance.object())),
                        std::string(core::find_string(source, {"secretKeyRef", "name"}))};
    Object secret = stores.secrets().store().get(key);
    versions += key.name + "=" + (secret ? std::string(kube::resource_version_of(*secret)) : "") + ";";
  }
  return versions;
}

}  // namespace

async::Task<core::Result<Next>> InstanceReconciler::look_after(Object instance) {
  InstanceView view(*instance);
  if (view.deleting() || view.provision_status() != "Provisioned" || !view.ready()) co_return Next::done();
  if (co_await parameters_changed(instance)) co_return co_await update(std::move(instance));

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
                               ": increase spec.updateRequests to have the instance upgraded");
  }
  co_return Next::done();
}

// Reads the Secrets only where one has another version than last time; after a restart once.
async::Task<bool> InstanceReconciler::parameters_changed(Object instance) {
  InstanceView view(*instance);
  std::string versions = versions_of_secrets(context_.stores, view);
  if (versions.empty()) co_return false;
  std::string& seen = secrets_seen_[view.key()];
  if (seen == versions) co_return false;
  seen = versions;
  json::object defaults;
  if (const json::object* kept = core::find_object(view.status(), {"defaultProvisionParameters"}))
    defaults = *kept;
  auto parameters = co_await gather_parameters(context_, instance, std::move(defaults));
  // An instance works without the Secret that it was made from.
  co_return parameters &&
      parameters->checksum != core::find_string(view.carried_out(), {"parameterChecksum"});
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
