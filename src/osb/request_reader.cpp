#include "osb/request_reader.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/text.hpp"
#include "core/uuid.hpp"
#include "osb/requests.hpp"

namespace osb {

namespace {

using core::ErrorKind;
using core::fail;

constexpr core::JsonLimits body_limits{.max_bytes = 1024 * 1024, .max_depth = 32};
constexpr std::size_t max_id = 255;
constexpr std::size_t max_operation = 10'000;

std::string path_value(const net::PathParameters& path, std::string_view name) {
  const auto found = path.find(name);
  return found != path.end() ? found->second : std::string();
}

// Ids go into names of AWS resources and into keys: short, and nothing that is not printed.
core::Result<std::string> id_of(const net::PathParameters& path, std::string_view name) {
  std::string id = path_value(path, name);
  if (id.size() > max_id)
    return fail(ErrorKind::invalid, "The " + std::string(name) + " id is longer than 255 characters.");
  for (const char c : id) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) {
      return fail(ErrorKind::invalid,
                  "The " + std::string(name) + " id has a character that is not printable.");
    }
  }
  // Nor could it be told in an answer or kept in a record.
  if (!core::parse_json(core::to_text(json::value(id))))
    return fail(ErrorKind::invalid, "The " + std::string(name) + " id is not UTF-8.");
  return id;
}

// By the media type alone, whatever its case and its parameters; a missing one is tolerated.
bool may_be_json(std::string_view content_type) {
  constexpr std::string_view json_type = "application/json";
  const std::string_view type =
      content_type.substr(0, std::min(content_type.find_first_of("; \t"), content_type.size()));
  return type.empty() || core::equal_ignoring_case(type, json_type);
}

core::Result<json::object> body_of(const net::Request& request) {
  if (!may_be_json(request.headers.get("Content-Type"))) {
    return fail(ErrorKind::invalid, "The Content-Type must be application/json.");
  }
  auto body = core::parse_json(request.body, body_limits);
  if (!body) return fail(ErrorKind::invalid, "The body cannot be read: " + body.error().message + ".");
  if (!body->is_object()) return fail(ErrorKind::invalid, "The body must be a JSON object.");
  return std::move(body->get_object());
}

core::Result<std::string> text_field(const json::object& body, std::string_view key, bool required) {
  const json::value* value = body.if_contains(key);
  if (value == nullptr || value->is_null()) {
    if (required) return fail(ErrorKind::invalid, "\"" + std::string(key) + "\" is required.");
    return std::string();
  }
  if (!value->is_string()) return fail(ErrorKind::invalid, "\"" + std::string(key) + "\" must be a string.");
  if (required && value->get_string().empty())
    return fail(ErrorKind::invalid, "\"" + std::string(key) + "\" must not be empty.");
  return std::string(value->get_string());
}

core::Result<json::value> object_field(const json::object& body, std::string_view key) {
  const json::value* value = body.if_contains(key);
  if (value == nullptr || value->is_null()) return json::value();
  if (!value->is_object()) return fail(ErrorKind::invalid, "\"" + std::string(key) + "\" must be an object.");
  return *value;
}

bool accepts_incomplete(const net::Query& query) {
  return query.get("accepts_incomplete") == "true";
}

core::Result<std::string> required_query(const net::Query& query, std::string_view name) {
  const std::string_view value = query.get(name);
  if (value.empty())
    return fail(ErrorKind::invalid, "The query parameter " + std::string(name) + " is required.");
  return std::string(value);
}

// Reads several fields; the first failure is the answer.
class Reader {
 public:
  template <class T>
  void take(T& into, core::Result<T> field) {
    if (failure_) return;
    if (field)
      into = std::move(*field);
    else
      failure_ = std::move(field.error());
  }
  template <class T>
  [[nodiscard]] core::Result<T> finish(T request) {
    if (failure_) return fail(std::move(*failure_));
    return request;
  }
  [[nodiscard]] bool ok() const { return !failure_; }

 private:
  std::optional<core::Error> failure_;
};

}  // namespace

core::Result<CallContext> read_context(const net::Request& request) {
  CallContext context;
  context.request_id = request.headers.get("X-Broker-API-Request-Identity");
  if (context.request_id.empty()) context.request_id = core::Uuid::random().to_string();
  if (const auto header = request.headers.find("X-Broker-API-Originating-Identity")) {
    auto identity = originating_identity_from_header(*header);
    if (!identity) return fail(std::move(identity.error()));
    context.identity = std::move(*identity);
  }
  const std::string_view version = request.headers.get("X-Broker-API-Version");
  const std::string_view minor = version.starts_with("2.") ? version.substr(2) : std::string_view();
  const auto [end, status] =
      std::from_chars(minor.data(), minor.data() + minor.size(), context.minor_version);
  if (minor.empty() || status != std::errc() || end != minor.data() + minor.size() ||
      context.minor_version < 13) {
    core::Error error{.kind = ErrorKind::conflict, .http_status = 412};
    error.message = "This broker supports versions 2.13 to 2.17 of the API: send X-Broker-API-Version: 2.17.";
    return fail(std::move(error));
  }
  return context;
}

core::Result<ProvisionRequest> read_provision(const net::Request& request, const net::PathParameters& path) {
  auto body = body_of(request);
  if (!body) return fail(std::move(body.error()));
  ProvisionRequest result;
  Reader reader;
  reader.take(result.instance_id, id_of(path, "instance"));
  reader.take(result.service_id, text_field(*body, "service_id", true));
  reader.take(result.plan_id, text_field(*body, "plan_id", true));
  reader.take(result.organization_guid, text_field(*body, "organization_guid", true));
  reader.take(result.space_guid, text_field(*body, "space_guid", true));
  reader.take(result.context, object_field(*body, "context"));
  reader.take(result.parameters, object_field(*body, "parameters"));
  reader.take(result.maintenance_info, object_field(*body, "maintenance_info"));
  result.accepts_incomplete = accepts_incomplete(net::Query::parse(request.query()));
  return reader.finish(std::move(result));
}

core::Result<UpdateRequest> read_update(const net::Request& request, const net::PathParameters& path) {
  auto body = body_of(request);
  if (!body) return fail(std::move(body.error()));
  UpdateRequest result;
  std::string plan_id;
  Reader reader;
  reader.take(result.instance_id, id_of(path, "instance"));
  reader.take(result.service_id, text_field(*body, "service_id", true));
  reader.take(plan_id, text_field(*body, "plan_id", false));
  reader.take(result.context, object_field(*body, "context"));
  reader.take(result.parameters, object_field(*body, "parameters"));
  reader.take(result.previous_values, object_field(*body, "previous_values"));
  reader.take(result.maintenance_info, object_field(*body, "maintenance_info"));
  if (!plan_id.empty()) result.plan_id = std::move(plan_id);
  result.accepts_incomplete = accepts_incomplete(net::Query::parse(request.query()));
  return reader.finish(std::move(result));
}

core::Result<DeprovisionRequest> read_deprovision(const net::Request& request,
                                                  const net::PathParameters& path) {
  const net::Query query = net::Query::parse(request.query());
  DeprovisionRequest result{.accepts_incomplete = accepts_incomplete(query)};
  Reader reader;
  reader.take(result.instance_id, id_of(path, "instance"));
  reader.take(result.service_id, required_query(query, "service_id"));
  reader.take(result.plan_id, required_query(query, "plan_id"));
  return reader.finish(std::move(result));
}

core::Result<BindRequest> read_bind(const net::Request& request, const net::PathParameters& path) {
  auto body = body_of(request);
  if (!body) return fail(std::move(body.error()));
  BindRequest result;
  std::string app_guid;
  std::string predecessor;
  Reader reader;
  reader.take(result.instance_id, id_of(path, "instance"));
  reader.take(result.binding_id, id_of(path, "binding"));
  reader.take(predecessor, text_field(*body, "predecessor_binding_id", false));
  const bool needs_ids = predecessor.empty();  // a rotation need not name service and plan again
  reader.take(result.service_id, text_field(*body, "service_id", needs_ids));
  reader.take(result.plan_id, text_field(*body, "plan_id", needs_ids));
  reader.take(app_guid, text_field(*body, "app_guid", false));
  reader.take(result.context, object_field(*body, "context"));
  reader.take(result.parameters, object_field(*body, "parameters"));
  reader.take(result.bind_resource, object_field(*body, "bind_resource"));
  if (!app_guid.empty()) result.app_guid = std::move(app_guid);
  if (!predecessor.empty()) result.predecessor_binding_id = std::move(predecessor);
  result.accepts_incomplete = accepts_incomplete(net::Query::parse(request.query()));
  return reader.finish(std::move(result));
}

core::Result<UnbindRequest> read_unbind(const net::Request& request, const net::PathParameters& path) {
  const net::Query query = net::Query::parse(request.query());
  UnbindRequest result{.accepts_incomplete = accepts_incomplete(query)};
  Reader reader;
  reader.take(result.instance_id, id_of(path, "instance"));
  reader.take(result.binding_id, id_of(path, "binding"));
  reader.take(result.service_id, required_query(query, "service_id"));
  reader.take(result.plan_id, required_query(query, "plan_id"));
  return reader.finish(std::move(result));
}

core::Result<LastOperationRequest> read_last_operation(const net::Request& request,
                                                       const net::PathParameters& path) {
  const net::Query query = net::Query::parse(request.query());
  LastOperationRequest result{.service_id = std::string(query.get("service_id")),
                              .plan_id = std::string(query.get("plan_id")),
                              .operation = std::string(query.get("operation"))};
  Reader reader;
  reader.take(result.instance_id, id_of(path, "instance"));
  reader.take(result.binding_id, id_of(path, "binding"));
  if (result.operation.size() > max_operation)
    return fail(ErrorKind::invalid, "The operation is longer than 10000 characters.");
  return reader.finish(std::move(result));
}

core::Result<FetchInstanceRequest> read_fetch_instance(const net::Request& request,
                                                       const net::PathParameters& path) {
  const net::Query query = net::Query::parse(request.query());
  FetchInstanceRequest result{.service_id = std::string(query.get("service_id")),
                              .plan_id = std::string(query.get("plan_id"))};
  Reader reader;
  reader.take(result.instance_id, id_of(path, "instance"));
  return reader.finish(std::move(result));
}

core::Result<FetchBindingRequest> read_fetch_binding(const net::Request& request,
                                                     const net::PathParameters& path) {
  const net::Query query = net::Query::parse(request.query());
  FetchBindingRequest result{.service_id = std::string(query.get("service_id")),
                             .plan_id = std::string(query.get("plan_id"))};
  Reader reader;
  reader.take(result.instance_id, id_of(path, "instance"));
  reader.take(result.binding_id, id_of(path, "binding"));
  return reader.finish(std::move(result));
}

}  // namespace osb
