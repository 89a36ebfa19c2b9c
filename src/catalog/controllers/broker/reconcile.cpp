#include "catalog/api/reasons.hpp"
#include "catalog/controllers/broker/reconciler.hpp"
#include "catalog/policies/broker_status.hpp"

namespace catalog {

using runtime::Next;

namespace {

std::vector<const json::object*> pointers(const std::vector<Object>& objects) {
  std::vector<const json::object*> result;
  result.reserve(objects.size());
  for (const Object& object : objects) result.push_back(object.get());
  return result;
}

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
    to_fetch_.erase(key);
    co_return Next::done();
  }
  BrokerView broker(*object);
  if (broker.deleting()) co_return co_await finalize(std::move(object));
  auto due = broker_status::catalog_due(broker, context_.options.broker_relist_interval,
                                        context_.clock.system_now());
  if (to_fetch_.erase(key) > 0 || due.now) co_return co_await fetch(std::move(object));
  core::Result<> cleaned = co_await remove_leftovers(std::move(object));
  if (!cleaned) co_return core::fail(cleaned.error());
  co_return due.in ? Next::after(*due.in) : Next::done();
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

// A broker that goes takes its classes and plans along.
async::Task<core::Result<Next>> BrokerReconciler::finalize(Object broker) {
  BrokerView view(*broker);
  if (!view.has_our_finalizer()) co_return Next::done();
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
