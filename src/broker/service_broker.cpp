#include "broker/service_broker.hpp"

#include "broker/value_text.hpp"
#include "core/hash.hpp"

namespace broker {

namespace json = boost::json;

namespace {

constexpr std::string_view sealed_prefix = "sealed:";

bool looks_secret(const Template& service, std::string_view name) {
  const TemplateParameter* parameter = service.find_parameter(name);
  if (parameter != nullptr && parameter->no_echo) return true;
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower.find("password") != std::string::npos || lower.find("secret") != std::string::npos ||
         lower.find("token") != std::string::npos;
}

}  // namespace

ServiceBroker::ServiceBroker(BrokerOptions options, std::shared_ptr<const Catalog> catalog, Store& store,
                             CloudProvider& clouds, const core::Sealer& sealer, async::Clock& clock,
                             async::TaskGroup& tasks)
    : options_(std::move(options)),
      catalog_(std::move(catalog)),
      store_(store),
      clouds_(clouds),
      sealer_(sealer),
      pinned_(store, clock),
      bindings_(options_, *this, store, clouds, sealer, clock, tasks),
      recent_progress_(clock) {}

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

// Values that must not be read in the store are kept as "sealed:<base64>".
core::Result<json::object> ServiceBroker::seal_secrets(const Template& service, json::object values,
                                                       const std::string& context) const {
  for (auto& entry : values) {
    if (!looks_secret(service, entry.key())) continue;
    const json::value& value = entry.value();
    const std::string plain = value.is_string() ? std::string(value.get_string()) : core::to_text(value);
    entry.value() = std::string(sealed_prefix) +
                    core::base64_encode(sealer_.seal(plain, context + "/" + std::string(entry.key())));
  }
  return values;
}

core::Result<std::string> ServiceBroker::unseal(const json::value& value, const std::string& context) const {
  if (!value.is_string()) return value_text(value);
  const std::string_view text = value.get_string();
  if (!text.starts_with(sealed_prefix)) return std::string(text);
  auto sealed = core::base64_decode(text.substr(sealed_prefix.size()));
  if (!sealed) return core::fail(std::move(sealed.error()));
  return sealer_.open(*sealed, context);
}

async::Task<core::Result<osb::UpdateResponse>> ServiceBroker::update(const osb::UpdateRequest& request,
                                                                     const osb::CallContext&) {
  auto record = co_await find_instance(request.instance_id);
  if (!record) co_return core::fail(std::move(record.error()));
  if (!*record)
    co_return core::fail(core::ErrorKind::invalid, "There is no instance " + request.instance_id + ".");
  if ((*record)->phase != InstancePhase::ready) {
    co_return core::fail(core::ErrorKind::unprocessable, "Another operation on this instance is in progress.",
                         "ConcurrencyError");
  }
  const bool same_plan = !request.plan_id || *request.plan_id == (*record)->plan_id;
  const bool changes_parameters = request.parameters.is_object() && !request.parameters.get_object().empty();
  if (same_plan && !changes_parameters) co_return osb::UpdateResponse{};
  co_return core::fail(core::ErrorKind::unprocessable,
                       same_plan ? "The parameters of this instance cannot be changed; make a new one."
                                 : "The plan of this instance cannot be changed; make a new one.");
}

async::Task<core::Result<osb::FetchInstanceResponse>> ServiceBroker::fetch_instance(
    const osb::FetchInstanceRequest& request, const osb::CallContext&) {
  auto record = co_await find_instance(request.instance_id);
  if (!record) co_return core::fail(std::move(record.error()));
  if (!*record || (*record)->phase == InstancePhase::creating) {
    co_return core::fail(core::ErrorKind::not_found,
                         "There is no instance " + request.instance_id + ", or it is not ready yet.");
  }
  // Sealed values are left out: who wrote them knows them.
  json::object parameters = (*record)->parameters;
  for (auto it = parameters.begin(); it != parameters.end();) {
    const bool sealed =
        it->value().is_string() && std::string_view(it->value().get_string()).starts_with(sealed_prefix);
    it = sealed ? parameters.erase(it) : std::next(it);
  }
  json::value maintenance_info;
  if (const auto service = co_await template_of(**record); service && !(*record)->template_digest.empty())
    maintenance_info = json::object{{"version", (*service)->maintenance_version}};
  co_return osb::FetchInstanceResponse{.service_id = (*record)->service_id,
                                       .plan_id = (*record)->plan_id,
                                       .dashboard_url = {},
                                       .parameters = std::move(parameters),
                                       .maintenance_info = std::move(maintenance_info),
                                       .metadata = {}};
}

async::Task<core::Result<>> ServiceBroker::resume() {
  auto records = co_await store_.list_instances();
  if (!records) co_return core::fail(std::move(records.error()));
  std::set<std::string> digests;
  for (const InstanceRecord& record : *records) digests.insert(record.template_digest);
  auto cleaned = co_await pinned_.remove_all_but(std::move(digests));
  if (!cleaned) co_return cleaned;
  for (InstanceRecord& record : *records) {
    if (record.phase == InstancePhase::creating && record.stack_id.empty()) {
      auto made = co_await ensure_stack(std::move(record));
      if (!made && made.error().retryable()) co_return core::fail(std::move(made.error()));
    } else if (record.phase == InstancePhase::deleting) {
      auto started = co_await start_deletion(std::move(record));
      if (!started && started.error().retryable()) co_return started;
    }
  }
  co_return co_await bindings_.resume();
}

}  // namespace broker
