#include "broker/service_broker.hpp"

#include "broker/console_url.hpp"
#include "core/log.hpp"

namespace broker {

namespace json = boost::json;

namespace {

bool is_unfinished(const InstanceRecord& record) {
  const bool is_unmade = record.phase == InstancePhase::creating && record.stack_id.empty();
  return is_unmade || record.phase == InstancePhase::updating || record.phase == InstancePhase::deleting;
}

}  // namespace
ServiceBroker::ServiceBroker(BrokerOptions options, std::shared_ptr<const Catalog> catalog, Store& store,
                             CloudProvider& clouds, const core::Sealer& sealer, async::Clock& clock,
                             async::TaskGroup& tasks)
    : options_(std::move(options)),
      catalog_(std::move(catalog)),
      store_(store),
      clouds_(clouds),
      clock_(clock),
      pinned_(store, clock),
      sealed_values_(sealer),
      bindings_(options_, *this, store, clouds, sealer, clock, tasks),
      recent_progress_(clock, std::chrono::seconds(1)),
      recent_answers_(clock, std::chrono::seconds(5)) {}

core::Result<std::shared_ptr<const osb::CatalogDocument>> ServiceBroker::catalog() {
  return catalog_->document();
}

async::Task<core::Result<osb::BindResponse>> ServiceBroker::bind(const osb::BindRequest& request,
                                                                 const osb::CallContext&) {
  return bindings_.bind(request);
}
async::Task<core::Result<osb::UnbindResponse>> ServiceBroker::unbind(const osb::UnbindRequest& request,
                                                                     const osb::CallContext&) {
  return bindings_.unbind(request);
}
async::Task<core::Result<osb::FetchBindingResponse>> ServiceBroker::fetch_binding(
    const osb::FetchBindingRequest& request, const osb::CallContext&) {
  return bindings_.fetch(request);
}

async::Task<core::Result<std::shared_ptr<const Template>>> ServiceBroker::template_of(
    const InstanceRecord& record) {
  if (record.template_digest.empty()) {
    auto service = catalog_->find_service(record.service_id);
    if (service) co_return service;
  } else {
    auto service = co_await pinned_.find(record.template_digest);
    if (service || service.error().kind != core::ErrorKind::not_found) co_return service;
  }
  co_return core::fail(
      core::ErrorKind::invalid,
      "The service " + record.service_id + " is no longer in the catalog, and its template is lost.");
}

async::Task<core::Result<osb::FetchInstanceResponse>> ServiceBroker::fetch_instance(
    const osb::FetchInstanceRequest& request, const osb::CallContext&) {
  auto record = co_await find_instance(request.instance_id);
  if (!record) co_return core::fail(std::move(record.error()));
  if (!*record || (*record)->phase == InstancePhase::creating || (*record)->phase == InstancePhase::failed) {
    co_return core::fail(core::ErrorKind::not_found,
                         "There is no instance " + request.instance_id + ", or it is not ready.");
  }
  if ((*record)->phase == InstancePhase::updating) {
    co_return core::fail(core::ErrorKind::unprocessable,
                         "The instance " + request.instance_id + " is being updated.", "ConcurrencyError");
  }
  json::value maintenance_info;
  const auto service = co_await template_of(**record);
  if (service && !(*record)->template_digest.empty())
    maintenance_info = json::object{{"version", (*service)->maintenance_version}};
  co_return osb::FetchInstanceResponse{
      .service_id = (*record)->service_id,
      .plan_id = (*record)->plan_id,
      .dashboard_url = console_url((*record)->stack_id),
      .parameters = SealedValues::without_secrets(service ? **service : Template(), (*record)->parameters),
      .maintenance_info = std::move(maintenance_info),
      .metadata = {}};
}

async::Task<core::Result<InstanceRecord>> ServiceBroker::take_rotated_keys(InstanceRecord record,
                                                                           std::map<Placement, bool>& opens) {
  const Placement place = place_of(record);
  if (!record.stack_id.empty() && !opens.contains(place)) {
    const auto stack = co_await stack_now(record);
    if (!stack)
      core::log::warn("The rotated keys do not work",
                      {{"instance", record.id}, {"error", stack.error().message}});
    opens[place] = stack.has_value();
  }
  if (!record.stack_id.empty() && !opens[place]) co_return record;
  record.access_key_id = place.access_key_id;
  co_return co_await put_or_reread(std::move(record));
}

async::Task<core::Result<>> ServiceBroker::resume() {
  std::set<std::string> digests;
  std::vector<InstanceRecord> unfinished;
  std::vector<InstanceRecord> rotated;
  bool all_are_known = true;
  Store::InstanceVisitor select = [&](InstanceRecord record) {
    if (!record.readable) {
      core::log::error("The record of an instance cannot be read: restore it from a backup of the store",
                       {{"instance", record.id}});
      all_are_known = false;
      return;
    }
    digests.insert(record.template_digest);
    if (record.update) digests.insert(record.update->template_digest);
    const Placement place = place_of(record);
    if (auto keys = check_keys(place); !keys)
      core::log::warn("An instance cannot be used",
                      {{"instance", record.id}, {"error", keys.error().message}});
    if (place.access_key_id != record.access_key_id)
      rotated.push_back(std::move(record));
    else if (is_unfinished(record))
      unfinished.push_back(std::move(record));
  };
  auto seen = co_await store_.visit_instances(std::move(select));
  if (!seen) co_return seen;
  // Which templates nobody needs is known only where every record is.
  auto cleaned = all_are_known ? co_await pinned_.remove_all_but(std::move(digests)) : core::Result<>();
  if (!cleaned) co_return cleaned;
  // One that has to be tried again, in a region that does not answer, must not keep the others.
  core::Result<> result;
  const auto note = [&result](const auto& done) {
    if (result && !done && done.error().retryable()) result = core::fail(done.error());
  };
  std::map<Placement, bool> opens;
  for (InstanceRecord& record : rotated) {
    auto taken = co_await take_rotated_keys(std::move(record), opens);
    note(taken);
    if (taken && is_unfinished(*taken)) unfinished.push_back(std::move(*taken));
  }
  for (InstanceRecord& record : unfinished) {
    if (record.phase == InstancePhase::creating) {
      note(co_await ensure_stack(std::move(record)));
    } else if (record.phase == InstancePhase::updating) {
      note(co_await advance_update(std::move(record), UpdateTry::again));
    } else {
      note(co_await start_deletion(std::move(record)));
    }
  }
  note(co_await bindings_.resume());
  co_return result;
}

}  // namespace broker
