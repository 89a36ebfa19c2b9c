#include "apiserver/api.hpp"

#include <vector>

#include "apiserver/authorization.hpp"
#include "apiserver/bodies.hpp"
#include "apiserver/discovery.hpp"
#include "apiserver/openapi.hpp"
#include "apiserver/protobuf/openapi_v2.hpp"
#include "apiserver/responses.hpp"
#include "net/router.hpp"

namespace apiserver {

namespace {

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    if (!segment.empty()) segments.emplace_back(segment);
  }
  return segments;
}

Failure no_such_path() {
  return Failure(
      {.kind = core::ErrorKind::not_found, .message = "the server could not find the requested resource"});
}

Failure not_acceptable() {
  return Failure({.kind = core::ErrorKind::invalid,
                  .message = "only the following media types are accepted: application/json, "
                             "application/yaml",
                  .code = "NotAcceptable"});
}

Failure unauthorized() {
  return Failure({.kind = core::ErrorKind::unauthenticated, .message = "Unauthorized"});
}

// The Kubernetes version whose API this is.
json::object version() {
  return {{"major", "1"},        {"minor", "32"},       {"gitVersion", "v1.32.0+chandlery"},
          {"gitCommit", ""},     {"gitTreeState", ""},  {"buildDate", ""},
          {"goVersion", "none"}, {"compiler", "clang"}, {"platform", "linux/amd64"}};
}

std::optional<json::object> openapi_document(const Registry& registry, const std::vector<std::string>& path) {
  if (path.size() == 2 && path[1] == "v2") return openapi::document_v2(registry);
  if (path.size() == 2 && path[1] == "v3") return openapi::index(registry);
  if (path.size() == 4 && path[1] == "v3" && path[2] == "api")
    return openapi::document_v3(registry, "", path[3]);
  if (path.size() == 5 && path[1] == "v3" && path[2] == "apis")
    return openapi::document_v3(registry, path[3], path[4]);
  return std::nullopt;
}

std::optional<json::object> discovery_document(const Registry& registry, const std::vector<std::string>& path,
                                               const Form& form) {
  const bool is_core = path[0] == "api";
  if (path.size() == 1) {
    if (!form.discovery.empty()) return discovery::aggregated(registry, is_core, form.discovery);
    return is_core ? discovery::core_versions() : discovery::group_list(registry);
  }
  if (is_core) return path.size() == 2 ? discovery::resource_list(registry, "", path[1]) : std::nullopt;
  if (path.size() == 2) return discovery::group(registry, path[1]);
  return path.size() == 3 ? discovery::resource_list(registry, path[1], path[2]) : std::nullopt;
}

}  // namespace

async::Task<net::Response> Api::handle(const net::Request& request) {
  const auto started = clock_.now();
  const core::Result<RequestInfo> info = request_info_of(request);
  net::Response response;
  if (!info) {
    response = respond(Failure(info.error()));
  } else {
    Answer<net::Response> answered = co_await answer(request, *info);
    response = answered ? std::move(*answered) : respond(answered.error());
  }
  const std::string verb = info ? info->verb : "";
  const std::string resource = info && info->is_resource ? info->resource : "";
  const bool is_known = resource.empty() || registry_.find(info->group, info->version, resource) != nullptr;
  // Only names that are ours become labels: a client must not be able to make as many as it likes.
  const std::string shown = is_known ? resource : "other";
  metrics_.increment("apiserver_request_total", "Requests by verb, resource and status",
                     {{"verb", verb}, {"resource", shown}, {"code", std::to_string(response.status)}});
  if (verb != "watch") {
    metrics_.observe_seconds("apiserver_request_duration_seconds", "Time of a request",
                             {{"verb", verb}, {"resource", shown}},
                             std::chrono::duration<double>(clock_.now() - started).count());
  }
  co_return response;
}

async::Task<Answer<UserInfo>> Api::user_of(const net::Request& request) {
  const std::optional<UserInfo> user = co_await authentication_.authenticate(request);
  if (!user) co_return refuse(unauthorized());
  std::optional<UserInfo> other = impersonated(request);
  if (!other) co_return *user;
  AccessQuestion question{.verb = "impersonate", .group = "", .resource = "users", .name = other->username};
  if (!is_allowed(*user, question)) co_return refuse_access(*user, question);
  co_return std::move(*other);
}

async::Task<Answer<net::Response>> Api::answer(const net::Request& request, const RequestInfo& info) {
  if (is_public(info.path)) {
    if (info.path == "/version") co_return respond(200, version());
    co_return health();
  }
  Answer<UserInfo> user = co_await user_of(request);
  if (!user) co_return refuse(std::move(user.error()));
  const AccessQuestion question = question_of(info);
  if (!is_allowed(*user, question)) co_return refuse_access(*user, question);
  if (info.path == "/metrics") {
    net::Response metrics = net::text_response(200, metrics_.render());
    metrics.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    co_return metrics;
  }
  const std::string_view accepted = request.headers.get("Accept");
  if (info.path == "/openapi/v2" && accepted.starts_with(protobuf::openapi_v2_accept)) {
    co_return net::Response{.status = 200,
                            .headers = {{"Content-Type", std::string(protobuf::openapi_v2_media_type)}},
                            .body = protobuf::openapi_v2(openapi::document_v2(registry_))};
  }
  std::optional<Form> form = negotiate(accepted);
  if (!form) co_return refuse(not_acceptable());
  if (!info.is_resource) {
    std::optional<net::Response> described;
    if (info.verb == "get") described = describe(info, *form);
    if (!described) co_return refuse(no_such_path());
    co_return std::move(*described);
  }
  if (Reviews::answers(info)) co_return co_await review(request, info, std::move(*user), std::move(*form));
  KindPtr kind = registry_.find(info.group, info.version, info.resource);
  if (kind == nullptr) co_return refuse(no_such_path());
  co_return co_await resources_.handle(request, info, std::move(kind), std::move(*user), std::move(*form));
}

async::Task<Answer<net::Response>> Api::review(const net::Request& request, const RequestInfo& info,
                                               UserInfo user, Form form) {
  Answer<json::object> question = object_of(request);
  if (!question) co_return refuse(std::move(question.error()));
  RequestInfo asked = info;
  const Answer<json::object> answered =
      co_await reviews_.answer(std::move(asked), std::move(user), std::move(*question));
  if (!answered) co_return refuse(answered.error());
  form.shape = Form::Shape::object;
  co_return respond(201, *answered, form);
}

std::optional<net::Response> Api::describe(const RequestInfo& info, const Form& form) const {
  const std::vector<std::string> path = segments_of(info.path);
  if (path.empty()) {
    return respond(200,
                   json::object{{"paths",
                                 {"/api", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2",
                                  "/openapi/v3", "/readyz", "/version"}}},
                   form);
  }
  std::optional<json::object> document;
  Form answer_form = form;
  if (path[0] == "openapi") document = openapi_document(registry_, path);
  if (path[0] == "api" || path[0] == "apis") document = discovery_document(registry_, path, form);
  if (path.size() != 1) answer_form.discovery.clear();
  if (!document) return std::nullopt;
  return respond(200, *document, answer_form);
}

net::Response Api::health() const {
  return ready_ ? net::text_response(200, "ok") : net::text_response(503, "the store is not running");
}

}  // namespace apiserver
