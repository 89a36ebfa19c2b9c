#include "osb/client.hpp"

#include "core/hash.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "core/uuid.hpp"
#include "osb/requests.hpp"

namespace osb {

namespace {

constexpr core::JsonLimits answer_limits{.max_bytes = 16 * 1024 * 1024, .max_depth = 64};
constexpr std::size_t longest_description = 4096;
constexpr std::size_t longest_code = 256;
constexpr std::size_t longest_url = 8192;
constexpr std::size_t longest_operation = 10'000;  // spec.md, "Asynchronous Operations"

std::string authorization_of(const Credentials& credentials) {
  if (const auto* basic = std::get_if<BasicCredentials>(&credentials)) {
    return "Basic " + core::base64_encode(basic->username + ":" + basic->password);
  }
  if (const auto* bearer = std::get_if<BearerCredentials>(&credentials)) return "Bearer " + bearer->token;
  return {};
}

std::optional<std::chrono::seconds> retry_after(const net::Headers& headers) {
  const std::string text(headers.get("Retry-After"));
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return std::chrono::seconds(std::stoll(text));
}

std::optional<json::object> object_of(const net::Reply& reply) {
  auto body = core::parse_json(reply.body, answer_limits);
  if (!body || !body->is_object()) return std::nullopt;
  return std::move(body->get_object());
}

// An ingress or a mesh without a route says "not found" to everything, and does not know what the broker has.
bool is_anothers(const net::Reply& reply, const std::optional<json::object>& body) {
  const bool is_empty_410 = reply.status == 410 && reply.body.empty();
  return (reply.status == 404 || reply.status == 410) && !is_empty_410 && !body;
}

// An answer with a status that the call does not count as success.
core::Error failure_of(const net::Reply& reply) {
  const auto body = object_of(reply);
  const bool may_be_anothers = is_anothers(reply, body);
  core::Error error{.kind = may_be_anothers ? core::ErrorKind::protocol : core::kind_of_status(reply.status),
                    .http_status = reply.status,
                    .retry_after = retry_after(reply.headers)};
  if (body) {
    error.code = core::shortened(core::find_string(*body, {"error"}), longest_code);
    error.message = core::shortened(core::find_string(*body, {"description"}), longest_description);
  }
  if (error.message.empty())
    error.message = "the broker answered with status " + std::to_string(reply.status);
  if (may_be_anothers)
    error.message +=
        " and a body that is not a JSON object; what is between, such as an ingress, may have answered "
        "instead";
  if (reply.status == 401) error.message += "; check the credentials in authInfo";
  return error;
}

// The body of a success. A malformed one keeps its status: orphan mitigation depends on it.
core::Result<json::object> body_of(const net::Reply& reply,
                                   std::vector<core::JsonProblem>* problems = nullptr) {
  auto body = problems != nullptr ? core::parse_json(reply.body, answer_limits, *problems)
                                  : core::parse_json(reply.body, answer_limits);
  std::string what = "a body that is not a JSON object";
  if (!body) what += " (" + body.error().message + ")";
  if (body && body->is_object()) {
    if (core::find_string(*body, {"operation"}).size() <= longest_operation)
      return std::move(body->get_object());
    what = "an operation of more than " + std::to_string(longest_operation) + " characters";
  }
  core::Error error{.kind = core::ErrorKind::protocol, .http_status = reply.status};
  error.message = "the broker answered with status " + std::to_string(reply.status) + " and " + what;
  return core::fail(std::move(error));
}

// The same of answers whose expected body is {}: an empty one says as much. Another malformed one may come
// from whatever stands before the broker.
core::Result<json::object> optional_body_of(const net::Reply& reply) {
  if (reply.status == 200 && reply.body.empty()) return json::object();
  return body_of(reply);
}

// An update or a deprovision that went wrong.
ChangeError change_error(core::Error error, const net::Reply* reply = nullptr) {
  ChangeError failed{std::move(error), {}};
  if (reply == nullptr) return failed;
  if (const auto body = core::parse_json(reply->body, answer_limits); body && body->is_object()) {
    failed.aftermath = {.instance_usable = core::find_bool(*body, {"instance_usable"}),
                        .update_repeatable = core::find_bool(*body, {"update_repeatable"})};
  }
  return failed;
}

json::value object_or_null(const json::object& body, std::string_view key) {
  const json::value* value = body.if_contains(key);
  return value != nullptr && value->is_object() ? *value : json::value();
}

json::value array_or_null(const json::object& body, std::string_view key) {
  const json::value* value = body.if_contains(key);
  return value != nullptr && value->is_array() ? *value : json::value();
}

std::string text(const json::object& body, std::string_view key) {
  return std::string(core::find_string(body, {key}));
}

std::string dashboard_of(const json::object& body) {
  std::string url = text(body, "dashboard_url");
  return url.size() <= longest_url ? url : std::string();
}

Outcome outcome_of(int status) {
  if (status == 202) return Outcome::in_progress;
  return status == 200 ? Outcome::unchanged : Outcome::done;
}

// The head of every request but for the identity.
net::Request prepared(net::Request request, const std::string& base_path, const Credentials& credentials,
                      const Client::Identity& identity) {
  request.target = base_path + request.target;
  request.headers.set("X-Broker-API-Version", std::string(api_version));
  request.headers.set("X-Broker-API-Request-Identity", core::Uuid::random().to_string());
  request.headers.set("Accept", "application/json");
  if (identity) request.headers.set("X-Broker-API-Originating-Identity", to_header(*identity));
  if (std::string authorization = authorization_of(credentials); !authorization.empty()) {
    request.headers.set("Authorization", std::move(authorization));
  }
  return request;
}

}  // namespace

Client::Client(net::Transport& transport, std::string base_path, Credentials credentials,
               std::chrono::milliseconds timeout)
    : transport_(transport),
      base_path_(std::move(base_path)),
      credentials_(std::move(credentials)),
      timeout_(timeout) {}

async::Task<core::Result<net::Reply>> Client::call(net::Request request, const Identity& identity) {
  net::Request complete = prepared(std::move(request), base_path_, credentials_, identity);
  const net::CallOptions options{.timeout = timeout_};
  return transport_.send(std::move(complete), options);
}

async::Task<core::Result<Catalog>> Client::catalog() {
  auto reply = co_await call(catalog_request(), {});
  if (!reply) co_return core::fail(std::move(reply.error()));
  if (reply->status != 200) co_return core::fail(failure_of(*reply));
  // What one plan's schema or metadata hold must not take the other plans.
  std::vector<core::JsonProblem> problems;
  auto body = body_of(*reply, &problems);
  if (!body) co_return core::fail(std::move(body.error()));
  if (!problems.empty()) {
    core::log::warn("Parts of the broker's catalog cannot be stored and are set to null",
                    {{"parts", problems.size()}, {"first", problems.front().message}});
  }
  co_return catalog_from_json(json::value(std::move(*body)));
}

async::Task<core::Result<ProvisionResponse>> Client::provision(ProvisionRequest request, Identity identity) {
  auto reply = co_await call(provision_request(request), identity);
  if (!reply) co_return core::fail(std::move(reply.error()));
  if (reply->status < 200 || reply->status > 202) co_return core::fail(failure_of(*reply));
  auto body = optional_body_of(*reply);
  if (!body) co_return core::fail(std::move(body.error()));
  co_return ProvisionResponse{.outcome = outcome_of(reply->status),
                              .dashboard_url = dashboard_of(*body),
                              .operation = text(*body, "operation"),
                              .metadata = object_or_null(*body, "metadata"),
                              .retry_after = retry_after(reply->headers)};
}

async::Task<ChangeResult<UpdateResponse>> Client::update(UpdateRequest request, Identity identity) {
  auto reply = co_await call(update_request(request), identity);
  if (!reply) co_return std::unexpected(change_error(std::move(reply.error())));
  if (reply->status != 200 && reply->status != 202)
    co_return std::unexpected(change_error(failure_of(*reply), &*reply));
  auto body = optional_body_of(*reply);
  if (!body) co_return std::unexpected(change_error(std::move(body.error())));
  co_return UpdateResponse{.outcome = reply->status == 202 ? Outcome::in_progress : Outcome::done,
                           .dashboard_url = dashboard_of(*body),
                           .operation = text(*body, "operation"),
                           .metadata = object_or_null(*body, "metadata"),
                           .retry_after = retry_after(reply->headers)};
}

namespace {

// Deprovision and unbind read alike: 410 is success, a 200 needs no body.
core::Result<DeprovisionResponse> removal_of(const net::Reply& reply) {
  if (reply.status == 200 || (reply.status == 410 && !is_anothers(reply, object_of(reply))))
    return DeprovisionResponse{};
  if (reply.status != 202) return core::fail(failure_of(reply));
  auto body = body_of(reply);
  if (!body) return core::fail(std::move(body.error()));
  return DeprovisionResponse{.outcome = Outcome::in_progress,
                             .operation = text(*body, "operation"),
                             .retry_after = retry_after(reply.headers)};
}

}  // namespace

async::Task<ChangeResult<DeprovisionResponse>> Client::deprovision(DeprovisionRequest request,
                                                                   Identity identity) {
  auto reply = co_await call(deprovision_request(request), identity);
  if (!reply) co_return std::unexpected(change_error(std::move(reply.error())));
  auto removal = removal_of(*reply);
  if (!removal) co_return std::unexpected(change_error(std::move(removal.error()), &*reply));
  co_return std::move(*removal);
}

async::Task<core::Result<UnbindResponse>> Client::unbind(UnbindRequest request, Identity identity) {
  auto reply = co_await call(unbind_request(request), identity);
  if (!reply) co_return core::fail(std::move(reply.error()));
  co_return removal_of(*reply);
}

async::Task<core::Result<LastOperationResponse>> Client::last_operation(LastOperationRequest request,
                                                                        Identity identity) {
  auto reply = co_await call(last_operation_request(request), identity);
  if (!reply) co_return core::fail(std::move(reply.error()));
  if (reply->status != 200) co_return core::fail(failure_of(*reply));
  auto body = body_of(*reply);
  if (!body) co_return core::fail(std::move(body.error()));
  LastOperationResponse response{
      .description = core::shortened(core::find_string(*body, {"description"}), longest_description),
      .instance_usable = core::find_bool(*body, {"instance_usable"}),
      .update_repeatable = core::find_bool(*body, {"update_repeatable"}),
      .retry_after = retry_after(reply->headers)};
  const std::string state = text(*body, "state");
  if (state == "in progress")
    response.state = OperationState::in_progress;
  else if (state == "succeeded")
    response.state = OperationState::succeeded;
  else if (state == "failed")
    response.state = OperationState::failed;
  else {
    core::Error error{.kind = core::ErrorKind::protocol, .http_status = 200};
    error.message = "the broker's last operation has no valid state";
    co_return core::fail(std::move(error));
  }
  co_return response;
}

async::Task<core::Result<FetchInstanceResponse>> Client::fetch_instance(FetchInstanceRequest request,
                                                                        Identity identity) {
  auto reply = co_await call(fetch_instance_request(request), identity);
  if (!reply) co_return core::fail(std::move(reply.error()));
  if (reply->status != 200) co_return core::fail(failure_of(*reply));
  auto body = body_of(*reply);
  if (!body) co_return core::fail(std::move(body.error()));
  co_return FetchInstanceResponse{.service_id = text(*body, "service_id"),
                                  .plan_id = text(*body, "plan_id"),
                                  .dashboard_url = dashboard_of(*body),
                                  .parameters = object_or_null(*body, "parameters"),
                                  .maintenance_info = object_or_null(*body, "maintenance_info"),
                                  .metadata = object_or_null(*body, "metadata")};
}

async::Task<core::Result<BindResponse>> Client::bind(BindRequest request, Identity identity) {
  auto reply = co_await call(bind_request(request), identity);
  if (!reply) co_return core::fail(std::move(reply.error()));
  if (reply->status < 200 || reply->status > 202) co_return core::fail(failure_of(*reply));
  auto body = body_of(*reply);
  if (!body) co_return core::fail(std::move(body.error()));
  co_return BindResponse{.outcome = outcome_of(reply->status),
                         .operation = text(*body, "operation"),
                         .credentials = object_or_null(*body, "credentials"),
                         .metadata = object_or_null(*body, "metadata"),
                         .endpoints = array_or_null(*body, "endpoints"),
                         .volume_mounts = array_or_null(*body, "volume_mounts"),
                         .syslog_drain_url = text(*body, "syslog_drain_url"),
                         .route_service_url = text(*body, "route_service_url"),
                         .retry_after = retry_after(reply->headers)};
}

async::Task<core::Result<FetchBindingResponse>> Client::fetch_binding(FetchBindingRequest request,
                                                                      Identity identity) {
  auto reply = co_await call(fetch_binding_request(request), identity);
  if (!reply) co_return core::fail(std::move(reply.error()));
  if (reply->status != 200) co_return core::fail(failure_of(*reply));
  auto body = body_of(*reply);
  if (!body) co_return core::fail(std::move(body.error()));
  co_return FetchBindingResponse{.credentials = object_or_null(*body, "credentials"),
                                 .parameters = object_or_null(*body, "parameters"),
                                 .metadata = object_or_null(*body, "metadata"),
                                 .endpoints = array_or_null(*body, "endpoints"),
                                 .volume_mounts = array_or_null(*body, "volume_mounts"),
                                 .syslog_drain_url = text(*body, "syslog_drain_url"),
                                 .route_service_url = text(*body, "route_service_url")};
}

}  // namespace osb
