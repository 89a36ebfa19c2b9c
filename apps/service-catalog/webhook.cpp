// service-catalog webhook: admission for a Kubernetes API server, over HTTPS.
#include <CLI/CLI.hpp>
#include <boost/asio/this_coro.hpp>

#include "async/clock.hpp"
#include "async/program.hpp"
#include "async/shutdown.hpp"
#include "async/task_group.hpp"
#include "catalog/admission/review.hpp"
#include "commands.hpp"
#include "core/file.hpp"
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

struct Options {
  std::string kubeconfig, context;
  std::string address = "0.0.0.0";
  std::uint16_t port = 8443;
  std::string certificate_file, key_file;
  LogOptions log;
};

core::Result<net::ServerTls> read_tls(const Options& options) {
  core::Result<std::string> certificate = core::read_file(options.certificate_file);
  if (!certificate) return core::fail(certificate.error().with_context("--tls-cert-file"));
  core::Result<std::string> key = core::read_file(options.key_file);
  if (!key) return core::fail(key.error().with_context("--tls-private-key-file"));
  return net::ServerTls{
      .certificate_pem = std::move(*certificate), .key_pem = std::move(*key), .client_ca_pem = {}};
}

// A mounted Secret is renewed in place: its files are looked at once a minute.
async::Task<> follow_certificate(const Options& options, net::Server& server, async::Clock& clock,
                                 net::ServerTls current) {
  while (true) {
    co_await clock.sleep_for(std::chrono::minutes(1));
    core::Result<net::ServerTls> tls = read_tls(options);
    if (!tls || (tls->certificate_pem == current.certificate_pem && tls->key_pem == current.key_pem))
      continue;
    core::Result<> loaded = server.reload_tls(*tls);
    if (loaded) {
      current = std::move(*tls);
      core::log::info("The certificate was renewed");
    } else {
      core::log::warn("The new certificate cannot be used", {{"error", loaded.error().message}});
    }
  }
}

net::RouteHandler reviews(WebhookKind kind, catalog::admission::Lookup& lookup) {
  return [kind, &lookup](const net::Request& request, const net::PathParameters&) {
    return catalog::admission::handle_review(request, kind, lookup);
  };
}

async::Task<int> serve(const Options& options) {
  asio::any_io_executor executor = co_await asio::this_coro::executor;
  core::Result<kube::Config> config =
      kube::load_config({.path = options.kubeconfig, .context = options.context, .cluster = {}, .user = {}});
  if (!config) {
    core::log::error("No Kubernetes API to work with", {{"error", config.error().message}});
    co_return 2;
  }
  core::Result<kube::Connection> connection = kube::connect(executor, *config, "service-catalog-webhook");
  core::Result<net::ServerTls> tls = read_tls(options);
  if (!connection || !tls) {
    core::log::error("The webhook cannot start",
                     {{"error", connection ? tls.error().message : connection.error().message}});
    co_return 2;
  }
  catalog::admission::KubeLookup lookup(*connection->client);
  core::Metrics metrics;
  net::Router router;
  net::add_health_routes(router, metrics, [] { return std::nullopt; });
  router.add("POST", "/mutate", reviews(WebhookKind::mutating, lookup));
  router.add("POST", "/validate", reviews(WebhookKind::validating, lookup));
  net::ServerOptions server_options;
  server_options.address = options.address;
  server_options.port = options.port;
  server_options.tls = *tls;
  core::Result<std::unique_ptr<net::Server>> server =
      net::Server::listen(executor, std::move(server_options),
                          [&router](const net::Request& request) { return router.route(request); });
  if (!server) {
    core::log::error("The webhook cannot listen", {{"error", server.error().message}});
    co_return 2;
  }
  core::log::info("Admission is served", {{"address", options.address}, {"port", (*server)->port()}});
  async::SystemClock clock;
  async::TaskGroup tasks(executor);
  tasks.spawn("server", (*server)->run());
  tasks.spawn("certificate", follow_certificate(options, **server, clock, *tls));
  co_await async::wait_for_shutdown_signal();
  (*server)->stop();
  tasks.cancel();
  co_await tasks.join();
  co_return 0;
}

}  // namespace

void add_webhook(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("webhook", "Serves admission (POST /mutate, /validate) over HTTPS");
  command
      ->add_option("--kubeconfig", options->kubeconfig, "The API server to ask; in a pod its service account")
      ->envname("KUBECONFIG");
  command->add_option("--context", options->context, "Context of the kubeconfig file");
  command->add_option("--bind-address", options->address, "Address to listen on")
      ->envname("BIND_ADDRESS")
      ->capture_default_str();
  command->add_option("--secure-port", options->port, "Port to listen on")
      ->envname("SECURE_PORT")
      ->capture_default_str();
  command->add_option("--tls-cert-file", options->certificate_file, "Certificate chain (PEM)")
      ->envname("TLS_CERT_FILE")
      ->required();
  command->add_option("--tls-private-key-file", options->key_file, "Its private key (PEM)")
      ->envname("TLS_PRIVATE_KEY_FILE")
      ->required();
  add_log_options(*command, options->log);
  command->callback([options, &exit_code] {
    configure_log(options->log);
    exit_code = async::run_program(serve(*options));
  });
}
