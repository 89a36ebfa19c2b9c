#include "catalog/controllers/broker_clients.hpp"

#include "catalog/api/reasons.hpp"
#include "catalog/controllers/broker_guard.hpp"
#include "core/hash.hpp"

namespace catalog {

namespace {

using Session = std::expected<std::shared_ptr<BrokerSession>, Problem>;

// "2xx", "4xx" … or "client-error" where no answer came.
std::string status_label(const core::Error* error) {
  if (!error) return "2xx";
  if (error->http_status < 100) return "client-error";
  return std::to_string(error->http_status / 100) + "xx";
}

// The decoded value of a Secret's key; nullopt where it is missing.
std::optional<std::string> secret_value(const json::object& secret, std::string_view key) {
  const json::value* encoded = core::find(secret, {"data", key});
  if (!encoded || !encoded->is_string()) return std::nullopt;
  core::Result<std::string> decoded = core::base64_decode(std::string_view(encoded->get_string()));
  if (!decoded) return std::nullopt;
  return std::move(*decoded);
}

std::string made_of(const BrokerView& broker, const Object& secret) {
  std::string text = std::string(kube::uid_of(broker.object())) + "/" + std::to_string(broker.generation());
  if (secret)
    text += "/" + std::string(kube::uid_of(*secret)) + "/" + std::string(kube::resource_version_of(*secret));
  return text;
}

}  // namespace

BrokerSession::BrokerSession(std::string broker, std::unique_ptr<net::Transport> transport,
                             std::string base_path, osb::Credentials credentials,
                             std::chrono::milliseconds timeout, async::Clock& clock, core::Metrics& metrics)
    : broker_(std::move(broker)),
      transport_(std::move(transport)),
      client_(*transport_, std::move(base_path), std::move(credentials), timeout),
      clock_(clock),
      metrics_(metrics) {}

template <class Result>
async::Task<Result> BrokerSession::counted(const char* method, async::Task<Result> call) {
  const auto started = clock_.now();
  Result result = co_await std::move(call);
  metrics_.observe_seconds(
      "servicecatalog_osb_request_seconds",
      "Duration of requests to Open Service Brokers, including the wait before they are sent.",
      {{"broker", broker_}, {"method", method}},
      std::chrono::duration<double>(clock_.now() - started).count());
  metrics_.increment("servicecatalog_osb_request_count", "Requests to Open Service Brokers.",
                     {{"broker", broker_},
                      {"method", method},
                      {"status", status_label(result ? nullptr : &result.error())}});
  co_return result;
}

async::Task<core::Result<osb::Catalog>> BrokerSession::catalog() {
  return counted("GetCatalog", client_.catalog());
}
async::Task<core::Result<osb::ProvisionResponse>> BrokerSession::provision(osb::ProvisionRequest request,
                                                                           Identity identity) {
  return counted("ProvisionInstance", client_.provision(std::move(request), std::move(identity)));
}
async::Task<osb::ChangeResult<osb::UpdateResponse>> BrokerSession::update(osb::UpdateRequest request,
                                                                          Identity identity) {
  return counted("UpdateInstance", client_.update(std::move(request), std::move(identity)));
}
async::Task<osb::ChangeResult<osb::DeprovisionResponse>> BrokerSession::deprovision(
    osb::DeprovisionRequest request, Identity identity) {
  return counted("DeprovisionInstance", client_.deprovision(std::move(request), std::move(identity)));
}
async::Task<core::Result<osb::LastOperationResponse>> BrokerSession::last_operation(
    osb::LastOperationRequest request, Identity identity) {
  const char* method = request.binding_id.empty() ? "PollLastOperation" : "PollBindingLastOperation";
  return counted(method, client_.last_operation(std::move(request), std::move(identity)));
}
async::Task<core::Result<osb::FetchInstanceResponse>> BrokerSession::fetch_instance(
    osb::FetchInstanceRequest request, Identity identity) {
  return counted("GetInstance", client_.fetch_instance(std::move(request), std::move(identity)));
}
async::Task<core::Result<osb::BindResponse>> BrokerSession::bind(osb::BindRequest request,
                                                                 Identity identity) {
  return counted("Bind", client_.bind(std::move(request), std::move(identity)));
}
async::Task<core::Result<osb::UnbindResponse>> BrokerSession::unbind(osb::UnbindRequest request,
                                                                     Identity identity) {
  return counted("Unbind", client_.unbind(std::move(request), std::move(identity)));
}
async::Task<core::Result<osb::FetchBindingResponse>> BrokerSession::fetch_binding(
    osb::FetchBindingRequest request, Identity identity) {
  return counted("GetBinding", client_.fetch_binding(std::move(request), std::move(identity)));
}

BrokerClients::BrokerClients(boost::asio::any_io_executor executor, kube::Client& client, async::Clock& clock,
                             Stores& stores, core::Metrics& metrics, const ControllerOptions& options,
                             ConnectBroker connect, OnTurn on_turn)
    : executor_(std::move(executor)),
      client_(client),
      clock_(clock),
      stores_(stores),
      metrics_(metrics),
      options_(options),
      connect_(std::move(connect)),
      on_turn_(std::move(on_turn)) {}

async::Task<Session> BrokerClients::session(const Scope& scope, Object broker) {
  BrokerView view(*broker);
  std::optional<AuthReference> auth = view.auth();
  Object secret = auth ? stores_.secrets().store().get(auth->secret) : nullptr;
  std::string now_made_of = made_of(view, secret);
  std::string name = scope.brokers.kind + "/" + view.key().to_string();
  if (auto known = sessions_.find(name); known != sessions_.end()) {
    // The Secret of a broker that goes with its namespace is gone before the last call.
    bool outlives_secret =
        view.deleting() && auth && !secret && known->second.made_of.starts_with(kube::uid_of(*broker));
    if (outlives_secret || known->second.made_of == now_made_of) co_return known->second.session;
  }

  core::Result<net::Url> url = net::Url::parse(view.url());
  if (!url)
    co_return std::unexpected(Problem(reasons::error_fetching_catalog, "spec.url: " + url.error().message));
  net::ClientTls tls;
  tls.insecure_skip_verify = view.insecure_skip_tls_verify();
  core::Result<std::string> ca = core::base64_decode(view.ca_bundle());
  if (!ca)
    co_return std::unexpected(Problem(reasons::error_fetching_catalog, "spec.caBundle is not valid base64."));
  tls.ca_pem = std::move(*ca);

  osb::Credentials credentials_of_broker;
  if (auth) {
    auto read = co_await credentials(*auth);
    if (!read) co_return std::unexpected(read.error());
    credentials_of_broker = std::move(*read);
  }
  core::Result<std::unique_ptr<net::Transport>> transport = connect_(*url, tls);
  if (!transport)
    co_return std::unexpected(Problem(reasons::error_fetching_catalog, transport.error().message));
  std::string label = view.key().to_string();
  auto guard = std::make_unique<BrokerGuard>(executor_, clock_, metrics_, label, options_.broker_limits,
                                             std::move(*transport),
                                             [this, &scope, key = view.key()] { on_turn_(scope, key); });
  auto session = std::make_shared<BrokerSession>(std::move(label), std::move(guard), url->path,
                                                 std::move(credentials_of_broker),
                                                 options_.osb_api_request_timeout, clock_, metrics_);
  sessions_[name] = Entry{std::move(now_made_of), session};
  co_return session;
}

void BrokerClients::forget(const Scope& scope, const kube::ObjectKey& broker) {
  if (sessions_.erase(scope.brokers.kind + "/" + broker.to_string()) > 0)
    BrokerGuard::forget_circuit(metrics_, broker.to_string());
}

async::Task<std::expected<osb::Credentials, Problem>> BrokerClients::credentials(AuthReference auth) {
  auto missing = [&](const std::string& what) {
    return std::unexpected(Problem(reasons::error_getting_auth_credentials,
                                   "Secret \"" + auth.secret.to_string() + "\" (spec.authInfo) " + what));
  };
  core::Result<json::object> secret = co_await client_.get(kube::resources::secrets, auth.secret);
  if (!secret) {
    bool absent = secret.error().kind == core::ErrorKind::not_found;
    co_return missing(absent ? "does not exist: create it." : "cannot be read: " + secret.error().message);
  }
  if (auth.kind == AuthReference::Kind::bearer) {
    std::optional<std::string> token = secret_value(*secret, "token");
    if (!token) co_return missing("has no key token.");
    co_return osb::Credentials(osb::BearerCredentials{std::move(*token)});
  }
  std::optional<std::string> username = secret_value(*secret, "username");
  std::optional<std::string> password = secret_value(*secret, "password");
  if (!username || !password) co_return missing(username ? "has no key password." : "has no key username.");
  co_return osb::Credentials(osb::BasicCredentials{std::move(*username), std::move(*password)});
}

}  // namespace catalog
