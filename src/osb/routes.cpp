#include "osb/routes.hpp"

#include <chrono>

#include "net/negotiation.hpp"
#include "osb/answers.hpp"
#include "osb/request_reader.hpp"

namespace osb {

namespace {

using net::PathParameters;
using net::Request;
using net::Response;

struct Server {
  Broker& broker;
  const Authentication& authentication;
  CallLog log;
};

std::string value_of(const PathParameters& path, std::string_view name) {
  const auto found = path.find(name);
  return found != path.end() ? found->second : std::string();
}

// Kubernetes and Cloud Foundry name users differently (OSB, profile.md).
std::string user_of(const std::optional<OriginatingIdentity>& identity) {
  if (!identity) return {};
  for (const std::string_view key : {"username", "user_name", "user_id"}) {
    if (const std::string_view name = core::find_string(identity->value, {key}); !name.empty())
      return std::string(name);
  }
  return {};
}

// What every call has in common: authentication, version, identities, the echo of the request's identity, the
// log.
class Call {
 public:
  Call(const Server& server, std::string action, const Request& request, const PathParameters& path)
      : server_(server) {
    served_.action = std::move(action);
    served_.instance_id = value_of(path, "instance");
    served_.binding_id = value_of(path, "binding");
    request_identity_ = request.headers.get("X-Broker-API-Request-Identity");
    served_.peer = request.peer.address;
  }

  // Whether the call may go on; if not, finish_refused() answers.
  [[nodiscard]] async::Task<bool> admit(const Request& request) {
    auto caller = co_await server_.authentication.authenticate(request);
    if (!caller) {
      refusal_ = std::move(caller.error());
      co_return false;
    }
    served_.caller = std::move(caller->name);
    auto context = read_context(request);
    if (!context) {
      refusal_ = std::move(context.error());
      co_return false;
    }
    context_ = std::move(*context);
    served_.request_id = context_.request_id;
    served_.user = user_of(context_.identity);
    co_return true;
  }

  [[nodiscard]] const CallContext& context() const { return context_; }

  // Not every request names a plan; an update may leave it out.
  template <class WireRequest>
  void note(const WireRequest& request) {
    if constexpr (requires { request.service_id; }) served_.service_id = request.service_id;
    if constexpr (requires { served_.plan_id = request.plan_id; }) served_.plan_id = request.plan_id;
  }

  [[nodiscard]] Response finish(Response response) {
    if (!request_identity_.empty()) response.headers.set("X-Broker-API-Request-Identity", request_identity_);
    served_.status = response.status;
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started_;
    served_.seconds = taken.count();
    if (server_.log) server_.log(served_);
    return response;
  }
  [[nodiscard]] Response finish_with_error(const core::Error& error) {
    served_.error = error.message;
    return finish(answer(error));
  }
  // Only here an error's own status counts: elsewhere it is what another service answered to the broker.
  [[nodiscard]] Response finish_refused() {
    served_.error = refusal_->message;
    Response response = answer(*refusal_);
    if (refusal_->http_status != 0) response.status = refusal_->http_status;
    if (response.status == 401) {
      for (std::string& challenge : server_.authentication.challenges())
        response.headers.add("WWW-Authenticate", std::move(challenge));
    }
    return finish(std::move(response));
  }

 private:
  const Server& server_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  ServedCall served_;
  std::string request_identity_;
  CallContext context_;
  std::optional<core::Error> refusal_;
};

// Reads the request, calls the broker's method, writes the answer.
template <class WireRequest, class WireResponse>
using Method = async::Task<core::Result<WireResponse>> (Broker::*)(const WireRequest&, const CallContext&);

template <class WireRequest, class WireResponse>
async::Task<Response> serve(std::shared_ptr<const Server> server, std::string action, const Request& request,
                            const PathParameters& path,
                            core::Result<WireRequest> (*read)(const Request&, const PathParameters&),
                            Method<WireRequest, WireResponse> method) {
  Call call(*server, std::move(action), request, path);
  if (!co_await call.admit(request)) co_return call.finish_refused();
  const auto wire_request = read(request, path);
  if (!wire_request) co_return call.finish_with_error(wire_request.error());
  call.note(*wire_request);
  auto response = co_await (server->broker.*method)(*wire_request, call.context());
  if (!response) co_return call.finish_with_error(response.error());
  co_return call.finish(answer(*response, call.context().minor_version));
}

async::Task<Response> serve_catalog(std::shared_ptr<const Server> server, const Request& request,
                                    const PathParameters& path) {
  Call call(*server, "catalog", request, path);
  if (!co_await call.admit(request)) co_return call.finish_refused();
  const auto document = server->broker.catalog();
  if (!document) co_return call.finish_with_error(document.error());
  const bool compressed = net::prefers_gzip(request.headers);
  const CatalogDocument& known = (*document)->for_version(call.context().minor_version);
  const CatalogForm& form = compressed ? known.gzip : known.plain;
  Response response{.status = 304,
                    .headers = {{"ETag", form.etag}, {"Vary", "Accept-Encoding, X-Broker-API-Version"}},
                    .body = {}};
  if (!net::has_already(request.headers, form.etag)) {
    response.status = 200;
    response.headers.add("Content-Type", "application/json");
    if (compressed) response.headers.add("Content-Encoding", "gzip");
    response.body = form.body;
  }
  co_return call.finish(std::move(response));
}

}  // namespace

void add_broker_routes(net::Router& router, Broker& broker, const Authentication& authentication,
                       CallLog log) {
  const auto server = std::make_shared<const Server>(
      Server{.broker = broker, .authentication = authentication, .log = std::move(log)});
  const auto add = [&router, server](const char* verb, const char* pattern, const std::string& action,
                                     auto read, auto method) {
    router.add(verb, pattern,
               [server, action, read, method](const Request& request, const PathParameters& path) {
                 return serve(server, action, request, path, read, method);
               });
  };
  constexpr auto* instance = "/v2/service_instances/{instance}";
  constexpr auto* instance_operation = "/v2/service_instances/{instance}/last_operation";
  constexpr auto* binding = "/v2/service_instances/{instance}/service_bindings/{binding}";
  constexpr auto* binding_operation =
      "/v2/service_instances/{instance}/service_bindings/{binding}/last_operation";

  router.add("GET", "/v2/catalog", [server](const Request& request, const PathParameters& path) {
    return serve_catalog(server, request, path);
  });
  add("PUT", instance, "provision", &read_provision, &Broker::provision);
  add("GET", instance, "fetch_instance", &read_fetch_instance, &Broker::fetch_instance);
  add("PATCH", instance, "update", &read_update, &Broker::update);
  add("DELETE", instance, "deprovision", &read_deprovision, &Broker::deprovision);
  add("GET", instance_operation, "last_operation", &read_last_operation, &Broker::last_operation);
  add("PUT", binding, "bind", &read_bind, &Broker::bind);
  add("GET", binding, "fetch_binding", &read_fetch_binding, &Broker::fetch_binding);
  add("DELETE", binding, "unbind", &read_unbind, &Broker::unbind);
  add("GET", binding_operation, "last_binding_operation", &read_last_operation, &Broker::last_operation);
}

}  // namespace osb
