// Deletions that leave what the broker has where it is: a user gave it up, or wants to keep it. And what has
// to go before an instance in every deletion: its bindings.
#include "catalog/api/annotations.hpp"
#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/external_ids.hpp"
#include "catalog/controllers/instance/reconciler.hpp"
#include "catalog/policies/ownership.hpp"

namespace catalog {

using runtime::Next;

namespace {

// An instance that is deleted together with its bindings waits this long before it says so: no noise in the
// ordinary case.
constexpr std::chrono::seconds patience(10);

// `instance instance-id (ClusterServiceClass/s3, plan production)`
std::string told(const InstanceView& instance) {
  return "instance " + std::string(instance.external_id()) + " (" +
         std::string(core::find_string(instance.status(), {"userSpecifiedClassName"})) + ", plan " +
         std::string(core::find_string(instance.status(), {"userSpecifiedPlanName"})) + ")";
}

}  // namespace

async::Task<std::optional<core::Result<Next>>> InstanceReconciler::wait_for_bindings(Object instance) {
  kube::ObjectKey key = kube::key_of(*instance);
  std::optional<BlockingBindings> blocking = co_await blocking_bindings(instance);
  if (!blocking) {
    patient_until_.erase(key);
    co_return std::nullopt;
  }
  if (blocking->all_go) {
    async::Clock::TimePoint now = context_.clock.now();
    async::Clock::TimePoint until = patient_until_.try_emplace(key, now + patience).first->second;
    if (now < until) co_return Next::after(std::chrono::ceil<std::chrono::milliseconds>(until - now));
  }
  co_return co_await block(std::move(instance), std::move(blocking->problem));
}

async::Task<std::optional<InstanceReconciler::BlockingBindings>> InstanceReconciler::blocking_bindings(
    Object instance) {
  std::string namespace_(kube::namespace_of(*instance));
  std::string key = Stores::index_key(namespace_, kube::name_of(*instance));
  std::vector<Object> bindings = context_.stores.bindings().store().by_index(indexes::by_instance, key);
  if (bindings.empty()) co_return std::nullopt;
  bool cascade = is_annotated(*instance, annotations::cascade_deletion);
  bool all_go = true;
  std::string names, refusals;
  for (const Object& binding : bindings) {
    std::string name(kube::name_of(*binding));
    names += (names.empty() ? "" : ", ") + name;
    if (kube::is_being_deleted(*binding)) continue;
    if (!cascade) {
      all_go = false;
      continue;
    }
    kube::DeleteOptions options;
    options.uid = kube::uid_of(*binding);
    kube::ObjectKey binding_key{namespace_, std::move(name)};
    core::Result<> removed =
        co_await context_.client.remove(resources::service_bindings, binding_key, std::move(options));
    if (!removed && removed.error().kind != core::ErrorKind::not_found) {
      all_go = false;
      refusals += " " + binding_key.name + " cannot be deleted: " + removed.error().message + ".";
    }
  }
  std::string message =
      "All associated ServiceBindings must be removed before this ServiceInstance can be deleted: " + names;
  if (cascade) {
    message += ", which are being deleted." + refusals;
  } else {
    message += ". Delete them, or annotate the instance with " + std::string(annotations::cascade_deletion) +
               "=true to delete them with it.";
  }
  co_return BlockingBindings{Problem(reasons::deprovision_blocked_by_credentials, std::move(message)),
                             all_go};
}

async::Task<core::Result<Next>> InstanceReconciler::leave(Object instance, InstancePhase how) {
  if (auto waits = co_await wait_for_bindings(instance)) co_return *waits;
  InstanceView view(*instance);
  std::optional<kube::ObjectKey> known = broker_of(context_.stores, view);
  std::string broker = "The broker \"" + (known ? known->name : "of this class") + "\" ";
  if (how == InstancePhase::abandon) {
    context_.events.record(*instance, runtime::EventType::warning, reasons::abandoned,
                           broker + "may still have " + told(view) +
                               " and everything that belongs to it: it was abandoned without another call");
  } else {
    context_.events.record(
        *instance, runtime::EventType::normal, reasons::retained,
        broker + "keeps " + told(view) + ": a ServiceInstance with that spec.externalID links to it again");
  }
  co_return co_await let_go(std::move(instance));
}

async::Task<core::Result<Next>> InstanceReconciler::stand_aside(Object instance, Object owner) {
  InstanceView view(*instance);
  std::string id(view.external_id());
  bool known = condition_reason(view.status(), condition_type::ready) == reasons::external_id_in_use &&
               standing_of(view) == Standing::none;
  if (view.deleting()) {
    if (auto waits = co_await wait_for_bindings(instance)) co_return *waits;
  }
  if (!known || view.deleting()) {
    core::Result<> confirmed = co_await confirm_owner(context_.client, informer(), owner, std::move(id));
    if (!confirmed) co_return core::fail(confirmed.error());
  }
  Problem problem = id_in_use(view, *owner);
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    instance_status::complete(status, view, {});
    instance_status::let_go(status);
    instance_status::blocked(status, problem, at);
  };
  core::Result<Object> written = co_await write(instance, std::move(change), OnConflict::give_up);
  if (!written) co_return core::fail(written.error());
  if (!InstanceView(**written).deleting()) co_return Next::done();  // the owner announces its end
  core::Result<> released = co_await release(context_, informer(), std::move(*written));
  if (!released) co_return core::fail(released.error());
  co_return Next::done();
}

async::Task<core::Result<Next>> InstanceReconciler::let_go(Object instance) {
  StatusChange change = [](json::object& status) { instance_status::let_go(status); };
  core::Result<Object> written = co_await write(std::move(instance), std::move(change), OnConflict::give_up);
  if (!written) co_return core::fail(written.error());
  core::Result<> released = co_await release(context_, informer(), std::move(*written));
  if (!released) co_return core::fail(released.error());
  co_return Next::done();
}

}  // namespace catalog
