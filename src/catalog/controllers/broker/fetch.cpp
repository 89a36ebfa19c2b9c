#include "catalog/api/reasons.hpp"
#include "catalog/controllers/broker/reconciler.hpp"
#include "catalog/policies/broker_status.hpp"
#include "catalog/policies/failures.hpp"
#include "core/log.hpp"

namespace catalog {

using runtime::Next;

namespace {

void count(core::Metrics& metrics, const BrokerView& broker, const CatalogObjects& offered) {
  const std::string name = broker.key().to_string();
  metrics.set_gauge("servicecatalog_broker_service_class_count", "Classes that a broker offers.",
                    {{"broker", name}}, static_cast<double>(offered.classes.size()));
  metrics.set_gauge("servicecatalog_broker_service_plan_count", "Plans that a broker offers.",
                    {{"broker", name}}, static_cast<double>(offered.plans.size()));
}

}  // namespace

// An alert for a broker without classes would sound for one that is gone.
void BrokerReconciler::forget_counts(const kube::ObjectKey& broker) {
  for (const char* each :
       {"servicecatalog_broker_service_class_count", "servicecatalog_broker_service_plan_count"})
    context_.metrics.forget_gauge(each, {{"broker", broker.to_string()}});
}

async::Task<core::Result<Next>> BrokerReconciler::fetch(Object broker) {
  BrokerView view(*broker);
  std::string secret_version = auth_secret_version(view);
  std::optional<Problem> problem;
  auto wanted = co_await read_catalog(broker);
  if (!wanted) {
    problem = wanted.error();
  } else {
    count(context_.metrics, view, *wanted);
    core::Result<> synced = co_await sync(broker, std::move(*wanted));
    if (!synced)
      problem.emplace(reasons::error_syncing_catalog, "Error syncing catalog: " + synced.error().message);
  }

  core::SystemTime now = context_.clock.system_now();
  StatusChange change = [&](json::object& status) {
    if (problem) {
      broker_status::failed(status, *problem, context_.options.reconciliation_retry_duration, view,
                            secret_version, now);
    } else {
      broker_status::fetched(status, view, secret_version, now);
    }
  };
  core::Result<Object> written =
      co_await write_status(context_, stores().brokers, broker, std::move(change), OnConflict::reapply);
  if (!written) co_return core::fail(written.error());
  BrokerView fetched(**written);
  auto due = broker_status::catalog_due(fetched, auth_secret_version(fetched),
                                        context_.options.broker_relist_interval, now);
  if (due.now) co_return Next::after(std::chrono::milliseconds(0));  // edited meanwhile
  co_return due.in ? Next::after(*due.in) : Next::done();
}

async::Task<std::expected<CatalogObjects, Problem>> BrokerReconciler::read_catalog(Object broker) {
  auto session = co_await context_.brokers.session(scope_, broker);
  if (!session) co_return std::unexpected(session.error());
  core::Result<osb::Catalog> catalog = co_await (*session)->catalog();
  if (!catalog) {
    co_return std::unexpected(
        Problem(reasons::error_fetching_catalog,
                "Error fetching catalog. Error getting broker catalog: " + describe(catalog.error())));
  }
  BrokerView view(*broker);
  ObjectNames class_names = names_in(stores().classes, view);
  ObjectNames plan_names = names_in(stores().plans, view);
  core::Result<CatalogObjects> objects =
      objects_of_catalog(scope_, view, std::move(*catalog), class_names, plan_names);
  if (!objects) {
    co_return std::unexpected(
        Problem(reasons::error_syncing_catalog, "Error syncing catalog. " + objects.error().message));
  }
  co_return std::move(*objects);
}

ObjectNames BrokerReconciler::names_in(runtime::Informer& informer, const BrokerView& broker) const {
  std::string namespace_(kube::namespace_of(broker.object()));
  std::string broker_name(broker.name());
  auto is_taken = [&informer, &scope = scope_, namespace_, broker_name](const std::string& name) {
    Object found = informer.store().get({namespace_, name});
    return found && core::find_string(*found, {"spec", scope.broker_name_field}) != broker_name;
  };
  return {broker.name(), pointers(owned(informer, broker)), std::move(is_taken)};
}

// Plans before their classes: an instance that finds its class finds the plans, too.
async::Task<core::Result<>> BrokerReconciler::sync(Object broker, CatalogObjects wanted) {
  BrokerView view(*broker);
  std::string namespace_(kube::namespace_of(*broker));
  std::vector<Object> plans = owned(stores().plans, view);
  std::vector<Object> classes = owned(stores().classes, view);
  std::vector<CatalogChange> of_plans =
      changes(std::move(wanted.plans), pointers(plans), used_by_instances(indexes::by_plan, namespace_));
  std::vector<CatalogChange> of_classes =
      changes(std::move(wanted.classes), pointers(classes), used_by_instances(indexes::by_class, namespace_));
  if (!of_plans.empty() || !of_classes.empty()) {
    core::log::info("The broker's catalog has changed",
                    {{"broker", view.name()}, {"writes", of_plans.size() + of_classes.size()}});
  }
  core::Result<> plans_applied = co_await apply(stores().plans, namespace_, std::move(of_plans));
  core::Result<> classes_applied = co_await apply(stores().classes, namespace_, std::move(of_classes));
  co_return plans_applied ? classes_applied : plans_applied;
}

}  // namespace catalog
