#include "catalog/api/reasons.hpp"
#include "catalog/controllers/broker/reconciler.hpp"
#include "catalog/controllers/gather.hpp"
#include "catalog/policies/broker_status.hpp"

namespace catalog {

using runtime::Next;

namespace {

std::vector<CatalogChange> removal_of(const std::vector<Object>& objects) {
  std::vector<CatalogChange> changes;
  for (const Object& object : objects) {
    if (is_managed(*object))
      changes.push_back({CatalogChange::Kind::remove, std::string(kube::name_of(*object)), {}});
  }
  return changes;
}

}  // namespace

async::Task<core::Result<Next>> BrokerReconciler::reconcile(kube::ObjectKey key) {
  Object object = stores().brokers.store().get(key);
  if (!object) {
    context_.brokers.forget(scope_, key);
    forget_counts(key);
    requests_.forget(key);
    co_return Next::done();
  }
  core::Result<Object> whole = co_await completed(context_, stores().brokers, std::move(object));
  if (!whole) co_return core::fail(whole.error());
  object = std::move(*whole);
  BrokerView broker(*object);
  if (broker.deleting()) co_return co_await finalize(std::move(object));
  auto due = broker_status::catalog_due(broker, auth_secret_version(broker),
                                        context_.options.broker_relist_interval, context_.clock.system_now());
  const std::uint64_t asked = requests_.count(key);
  if (asked > 0 || due.now) {
    Outcome outcome = co_await fetch(std::move(object));
    if (outcome) requests_.done(key, asked);
    co_return outcome;
  }
  core::Result<> cleaned = co_await remove_leftovers(std::move(object));
  if (!cleaned) co_return core::fail(cleaned.error());
  co_return due.in ? Next::after(*due.in) : Next::done();
}

std::string BrokerReconciler::auth_secret_version(const BrokerView& broker) const {
  std::optional<AuthReference> auth = broker.auth();
  Object secret = auth ? context_.stores.secrets().store().get(auth->secret) : nullptr;
  return secret ? std::string(kube::resource_version_of(*secret)) : std::string();
}

std::vector<Object> BrokerReconciler::owned(runtime::Informer& informer, const BrokerView& broker) const {
  return informer.store().by_index(indexes::by_broker,
                                   Stores::index_key(kube::namespace_of(broker.object()), broker.name()));
}

IsUsed BrokerReconciler::used_by_instances(const char* index, std::string namespace_) const {
  return [this, index, namespace_ = std::move(namespace_)](const std::string& name) {
    return !context_.stores.instances().store().by_index(index, Stores::index_key(namespace_, name)).empty();
  };
}

// What the broker took back earlier and the last instance has left since.
async::Task<core::Result<>> BrokerReconciler::remove_leftovers(Object broker) {
  BrokerView view(*broker);
  std::string namespace_(kube::namespace_of(*broker));
  for (auto [informer, index] :
       {std::pair{&stores().classes, indexes::by_class}, {&stores().plans, indexes::by_plan}}) {
    std::vector<Object> existing = owned(*informer, view);
    std::vector<CatalogChange> found = leftovers(pointers(existing), used_by_instances(index, namespace_));
    core::Result<> applied = co_await apply(*informer, namespace_, std::move(found));
    if (!applied) co_return applied;
  }
  co_return core::Result<>();
}

// A namespace that is deleted deletes its brokers before its instances, which cannot be deprovisioned
// without.
async::Task<core::Result<std::string>> BrokerReconciler::instances_to_go_first(Object broker) {
  if (!scope_.namespaced()) co_return std::string();
  kube::ObjectKey key = kube::key_of(*broker);
  core::Result<json::object> namespace_ =
      co_await context_.client.get(kube::resources::namespaces, {{}, key.namespace_});
  if (!namespace_) co_return core::fail(namespace_.error());
  if (!kube::is_being_deleted(*namespace_)) co_return std::string();
  std::string names;
  for (const Object& instance : context_.stores.instances().store().list(key.namespace_)) {
    InstanceView view(*instance);
    if (&view.scope() != &scope_ || broker_of(context_.stores, view) != key) continue;
    names += (names.empty() ? "" : ", ") + std::string(view.name());
  }
  co_return names;
}

// A broker that goes takes its classes and plans along.
async::Task<core::Result<Next>> BrokerReconciler::finalize(Object broker) {
  BrokerView view(*broker);
  if (!view.has_our_finalizer()) co_return Next::done();
  core::Result<std::string> instances = co_await instances_to_go_first(broker);
  if (!instances) co_return core::fail(instances.error());
  if (!instances->empty()) {
    core::SystemTime at = context_.clock.system_now();
    StatusChange change = [&](json::object& status) {
      broker_status::waits_for_instances(status, *instances, at);
    };
    core::Result<Object> written = co_await write_status(context_, stores().brokers, std::move(broker),
                                                         std::move(change), OnConflict::give_up);
    if (!written) co_return core::fail(written.error());
    co_return Next::done();  // the last instance announces its end
  }
  std::string namespace_(kube::namespace_of(*broker));
  for (runtime::Informer* informer : {&stores().plans, &stores().classes}) {
    std::vector<CatalogChange> removal = removal_of(owned(*informer, view));
    core::Result<> applied = co_await apply(*informer, namespace_, std::move(removal));
    if (!applied) {
      context_.events.record(*broker, runtime::EventType::warning, reasons::error_deleting_class,
                             applied.error().message);
      co_return core::fail(applied.error());
    }
  }
  core::Result<> released = co_await release(context_, stores().brokers, std::move(broker));
  if (!released) co_return core::fail(released.error());
  co_return Next::done();
}

}  // namespace catalog
