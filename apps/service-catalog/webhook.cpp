// service-catalog webhook: admission for a Kubernetes API server, over HTTPS.
#include <CLI/CLI.hpp>
#include <boost/asio/this_coro.hpp>

#include "async/blocking_pool.hpp"
#include "async/clock.hpp"
#include "async/program.hpp"
#include "async/reloaded_files.hpp"
#include "async/shutdown.hpp"
#include "async/task_group.hpp"
#include "catalog/admission/cached_lookup.hpp"
#include "catalog/admission/review.hpp"
#include "catalog/admission/self_managed_tls.hpp"
#include "commands.hpp"
#include "core/log.hpp"
#include "core/metrics.hpp"
#include "kube/kubeconfig.hpp"
#include "log_options.hpp"
#include "net/health.hpp"
#include "net/router.hpp"
#include "net/server.hpp"

namespace {

namespace asio = boost::asio;
using catalog::admission::WebhookKind;

constexpr std::string_view no_webhook = "The webhook cannot start";

struct WebhookOptions {
  std::string kubeconfig, context;
  std::string address = "0.0.0.0";
  std::uint16_t port = 8443;
  std::string certificate_file, key_file;
  bool self_managed_tls = false;
  catalog::admission::SelfManagedTlsOptions own_tls{
      .secret = {.namespace_ = {}, .name = "service-catalog-webhook-tls"},
      .configuration = "service-catalog-webhook",
      .dns_names = {}};
  LogOptions log;
};

net::RouteHandler reviews(WebhookKind kind, catalog::admission::Lookup& lookup) {
  return [kind, &lookup](const net::Request& request, const net::PathParameters&) {
    return catalog::admission::handle_review(request, kind, lookup);
  };
}

std::optional<catalog::admission::SelfManagedTls> own_tls_of(const WebhookOptions& options,
                                                             const kube::Connection& connection,
                                                             const asio::any_io_executor& executor,
                                                             async::Clock& clock) {
  if (!options.self_managed_tls) return std::nullopt;
  catalog::admission::SelfManagedTlsOptions own = options.own_tls;
  if (own.secret.namespace_.empty()) own.secret.namespace_ = connection.namespace_;
  return std::optional<catalog::admission::SelfManagedTls>(std::in_place, executor, *connection.client, clock,
                                                           std::move(own));
}

async::Task<int> serve(const WebhookOptions& options) {
  asio::any_io_executor executor = co_await asio::this_coro::executor;
  core::Result<kube::Config> config =
      kube::load_config({.path = options.kubeconfig, .context = options.context, .cluster = {}, .user = {}});
  if (!config) co_return cannot_start(no_webhook, config.error());
  core::Result<kube::Connection> connection = kube::connect(executor, *config, "service-catalog-webhook");
  if (!connection) co_return cannot_start(no_webhook, connection.error());
  async::SystemClock clock;
  std::optional<catalog::admission::SelfManagedTls> own_tls =
      own_tls_of(options, *connection, executor, clock);
  core::Result<net::ServerTls> tls;
  if (own_tls) {
    tls = co_await own_tls->first();
  } else {
    tls = net::read_server_tls(options.certificate_file, options.key_file);
  }
  if (!tls) co_return cannot_start(no_webhook, tls.error());
  catalog::admission::CachedLookup lookup(executor, *connection->client, clock);
  core::Metrics metrics;
  net::Router router;
  net::add_health_routes(router, metrics, [] { return std::nullopt; });
  router.add("POST", "/mutate", reviews(WebhookKind::mutating, lookup));
  router.add("POST", "/validate", reviews(WebhookKind::validating, lookup));
  net::ServerOptions server_options;
  server_options.address = options.address;
  server_options.port = options.port;
  server_options.max_body_bytes = catalog::admission::largest_review;
  server_options.tls = *tls;
  core::Result<std::unique_ptr<net::Server>> server =
      net::Server::listen(executor, std::move(server_options),
                          [&router](const net::Request& request) { return router.route(request); });
  if (!server) co_return cannot_start(no_webhook, server.error());
  core::log::info("Admission is served", {{"address", options.address}, {"port", (*server)->port()}});
  async::BlockingPool files_pool(1);
  async::ReloadedFiles files;
  async::TaskGroup tasks(executor);
  tasks.spawn("server", (*server)->run());
  tasks.spawn("classes and plans", lookup.run());
  if (own_tls) {
    tasks.spawn("certificate", own_tls->run([&server = **server](const net::ServerTls& renewed) {
      return server.reload_tls(renewed);
    }));
  } else {
    files.add("TLS certificate", {options.certificate_file, options.key_file},
              [&options, &server = **server]() -> core::Result<> {
                core::Result<net::ServerTls> renewed =
                    net::read_server_tls(options.certificate_file, options.key_file);
                if (!renewed) return core::fail(std::move(renewed.error()));
                return server.reload_tls(*renewed);
              });
    tasks.spawn("changed files", files.look_again(clock, files_pool));
  }
  co_await async::wait_for_shutdown_signal();
  (*server)->stop();
  tasks.cancel();
  co_await tasks.join();
  co_return 0;
}

}  // namespace

void add_webhook(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<WebhookOptions>();
  CLI::App* command =
      program.add_subcommand("webhook", "Serves admission requests (POST /mutate, /validate) over HTTPS");
  command
      ->add_option("--kubeconfig", options->kubeconfig,
                   "Kubeconfig file (default: in a pod, its service account)")
      ->envname("KUBECONFIG");
  command->add_option("--context", options->context, "Context of the kubeconfig file");
  command->add_option("--bind-address", options->address, "Address to listen on")
      ->envname("BIND_ADDRESS")
      ->capture_default_str();
  command->add_option("--secure-port", options->port, "Port to listen on")
      ->envname("SECURE_PORT")
      ->capture_default_str();
  command->add_option("--tls-cert-file", options->certificate_file, "File with the certificate chain (PEM)")
      ->envname("TLS_CERT_FILE");
  command->add_option("--tls-private-key-file", options->key_file, "File with the private key (PEM)")
      ->envname("TLS_PRIVATE_KEY_FILE");
  command
      ->add_flag("--self-managed-tls", options->self_managed_tls,
                 "Create a CA and a certificate, keep them in a Secret, renew them, and write the CA into "
                 "the webhook configurations")
      ->envname("SELF_MANAGED_TLS");
  command
      ->add_option("--tls-dns-name", options->own_tls.dns_names,
                   "DNS name of the webhook for --self-managed-tls (<service>.<namespace>.svc)")
      ->envname("TLS_DNS_NAME")
      ->delimiter(',');
  command->add_option("--tls-secret-name", options->own_tls.secret.name, "Secret for --self-managed-tls")
      ->envname("TLS_SECRET_NAME")
      ->capture_default_str();
  command
      ->add_option("--tls-secret-namespace", options->own_tls.secret.namespace_,
                   "Namespace of the Secret (default: the namespace of the pod)")
      ->envname("TLS_SECRET_NAMESPACE");
  command
      ->add_option("--webhook-configuration-name", options->own_tls.configuration,
                   "Name of the MutatingWebhookConfiguration and the ValidatingWebhookConfiguration")
      ->envname("WEBHOOK_CONFIGURATION_NAME")
      ->capture_default_str();
  add_log_options(*command, options->log);
  command->callback([options, &exit_code] {
    configure_log(options->log);
    exit_code = async::run_program(serve(*options));
  });
}
