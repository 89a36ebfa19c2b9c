#include "osb/requests.hpp"

#include "core/hash.hpp"

namespace osb {

namespace {

std::string instance_path(const std::string& instance_id) {
  return "/v2/service_instances/" + core::percent_encode(instance_id);
}

std::string binding_path(const std::string& instance_id, const std::string& binding_id) {
  return instance_path(instance_id) + "/service_bindings/" + core::percent_encode(binding_id);
}

// Appends name=value to a target, where the value is not empty.
void add_query(std::string& target, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  target += target.find('?') == std::string::npos ? '?' : '&';
  target.append(name).append("=").append(core::percent_encode(value));
}

void add_async(std::string& target, bool accepts_incomplete) {
  if (accepts_incomplete) add_query(target, "accepts_incomplete", "true");
}

net::Request with_body(std::string method, std::string target, const json::object& body) {
  net::Request request{.method = std::move(method), .target = std::move(target)};
  request.headers.set("Content-Type", "application/json");
  request.body = core::to_text(body);
  return request;
}

void set_object(json::object& body, std::string_view key, const json::value& value) {
  if (value.is_object()) body[key] = value;
}

}  // namespace

net::Request catalog_request() {
  return {.method = "GET", .target = "/v2/catalog"};
}

net::Request provision_request(const ProvisionRequest& request) {
  std::string target = instance_path(request.instance_id);
  add_async(target, request.accepts_incomplete);
  json::object body{{"service_id", request.service_id},
                    {"plan_id", request.plan_id},
                    {"organization_guid", request.organization_guid},
                    {"space_guid", request.space_guid}};
  set_object(body, "context", request.context);
  set_object(body, "parameters", request.parameters);
  set_object(body, "maintenance_info", request.maintenance_info);
  return with_body("PUT", std::move(target), body);
}

net::Request update_request(const UpdateRequest& request) {
  std::string target = instance_path(request.instance_id);
  add_async(target, request.accepts_incomplete);
  json::object body{{"service_id", request.service_id}};
  if (request.plan_id) body["plan_id"] = *request.plan_id;
  set_object(body, "context", request.context);
  set_object(body, "parameters", request.parameters);
  set_object(body, "previous_values", request.previous_values);
  set_object(body, "maintenance_info", request.maintenance_info);
  return with_body("PATCH", std::move(target), body);
}

net::Request deprovision_request(const DeprovisionRequest& request) {
  std::string target = instance_path(request.instance_id);
  add_query(target, "service_id", request.service_id);
  add_query(target, "plan_id", request.plan_id);
  add_async(target, request.accepts_incomplete);
  return {.method = "DELETE", .target = std::move(target)};
}

net::Request last_operation_request(const LastOperationRequest& request) {
  std::string target = request.binding_id.empty() ? instance_path(request.instance_id)
                                                  : binding_path(request.instance_id, request.binding_id);
  target += "/last_operation";
  add_query(target, "service_id", request.service_id);
  add_query(target, "plan_id", request.plan_id);
  add_query(target, "operation", request.operation);
  return {.method = "GET", .target = std::move(target)};
}

net::Request fetch_instance_request(const FetchInstanceRequest& request) {
  std::string target = instance_path(request.instance_id);
  add_query(target, "service_id", request.service_id);
  add_query(target, "plan_id", request.plan_id);
  return {.method = "GET", .target = std::move(target)};
}

net::Request bind_request(const BindRequest& request) {
  std::string target = binding_path(request.instance_id, request.binding_id);
  add_async(target, request.accepts_incomplete);
  json::object body{{"service_id", request.service_id}, {"plan_id", request.plan_id}};
  set_object(body, "context", request.context);
  set_object(body, "parameters", request.parameters);
  set_object(body, "bind_resource", request.bind_resource);
  if (request.app_guid) body["app_guid"] = *request.app_guid;
  if (request.predecessor_binding_id) body["predecessor_binding_id"] = *request.predecessor_binding_id;
  return with_body("PUT", std::move(target), body);
}

net::Request unbind_request(const UnbindRequest& request) {
  std::string target = binding_path(request.instance_id, request.binding_id);
  add_query(target, "service_id", request.service_id);
  add_query(target, "plan_id", request.plan_id);
  add_async(target, request.accepts_incomplete);
  return {.method = "DELETE", .target = std::move(target)};
}

net::Request fetch_binding_request(const FetchBindingRequest& request) {
  std::string target = binding_path(request.instance_id, request.binding_id);
  add_query(target, "service_id", request.service_id);
  add_query(target, "plan_id", request.plan_id);
  return {.method = "GET", .target = std::move(target)};
}

std::string to_header(const OriginatingIdentity& identity) {
  return identity.platform + " " + core::base64_encode(core::to_text(identity.value));
}

core::Result<OriginatingIdentity> originating_identity_from_header(std::string_view header) {
  const auto wrong = [] {
    return core::fail(core::ErrorKind::invalid,
                      "X-Broker-API-Originating-Identity must be \"<platform> <base64 of a JSON object>\"");
  };
  const std::size_t space = header.find(' ');
  if (space == 0 || space == std::string_view::npos) return wrong();
  const auto decoded = core::base64_decode(header.substr(space + 1));
  if (!decoded) return wrong();
  auto value = core::parse_json(*decoded);
  if (!value || !value->is_object()) return wrong();
  return OriginatingIdentity{.platform = std::string(header.substr(0, space)),
                             .value = std::move(value->get_object())};
}

}  // namespace osb
