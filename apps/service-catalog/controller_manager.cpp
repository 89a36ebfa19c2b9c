// service-catalog controller-manager: the catalog's controllers against a Kubernetes API server.
#include <cctype>

#include <CLI/CLI.hpp>
#include <boost/asio/ip/host_name.hpp>
#include <boost/asio/this_coro.hpp>

#include "async/program.hpp"
#include "async/shutdown.hpp"
#include "async/task_group.hpp"
#include "catalog/controllers/controllers.hpp"
#include "commands.hpp"
#include "core/log.hpp"
#include "core/time.hpp"
#include "core/uuid.hpp"
#include "kube/kubeconfig.hpp"
#include "log_options.hpp"
#include "net/health.hpp"
#include "net/server.hpp"
#include "runtime/leader_election.hpp"

namespace {

namespace asio = boost::asio;

struct Options {
  std::string kubeconfig, context;
  std::string address = "0.0.0.0";
  std::uint16_t port = 8080;
  bool leader_elect = false;
  std::string lease_namespace, lease_name = "service-catalog-controller-manager";
  LogOptions log;
  catalog::ControllerOptions controllers;
};

// The controllers, alone or after having been elected. Returns the exit code.
async::Task<int> control(const Options& options, kube::Connection& connection, async::Clock& clock,
                         catalog::Controllers& controllers) {
  if (!options.leader_elect) {
    co_await controllers.run();
    co_return 0;
  }
  runtime::LeaderElectionOptions election;
  election.namespace_ = options.lease_namespace.empty() ? connection.namespace_ : options.lease_namespace;
  election.name = options.lease_name;
  election.identity = asio::ip::host_name() + "_" + core::Uuid::random().to_string();
  runtime::LeaderElector elector(co_await asio::this_coro::executor, *connection.client, clock,
                                 std::move(election));
  core::Result<> ended = co_await elector.run([&controllers] { return controllers.run(); });
  if (ended) co_return 0;
  core::log::error("The lease was lost: another process leads now", {{"error", ended.error().message}});
  co_return 1;
}

async::Task<> control_until_ended(const Options& options, kube::Connection& connection, async::Clock& clock,
                                  catalog::Controllers& controllers, net::Server& server,
                                  async::TaskGroup& waiting, int& exit_code) {
  exit_code = co_await control(options, connection, clock, controllers);
  server.stop();
  waiting.cancel();
}

async::Task<> wait_for_signal(async::TaskGroup& tasks) {
  int signal = co_await async::wait_for_shutdown_signal();
  core::log::info("Shutting down", {{"signal", signal}});
  tasks.cancel();
}

async::Task<int> serve(const Options& options) {
  asio::any_io_executor executor = co_await asio::this_coro::executor;
  core::Result<kube::Config> config =
      kube::load_config({.path = options.kubeconfig, .context = options.context, .cluster = {}, .user = {}});
  if (!config) {
    core::log::error("No Kubernetes API to work with", {{"error", config.error().message}});
    co_return 2;
  }
  core::Result<kube::Connection> connection =
      kube::connect(executor, *config, "service-catalog-controller-manager");
  if (!connection) {
    core::log::error("No connection to the Kubernetes API", {{"error", connection.error().message}});
    co_return 2;
  }
  async::SystemClock clock;
  core::Metrics metrics;
  catalog::Controllers controllers(executor, *connection->client, clock, metrics, options.controllers);
  bool waits_for_lease = options.leader_elect;
  net::Router router;
  net::add_health_routes(router, metrics, [&controllers, waits_for_lease]() -> std::optional<std::string> {
    // One that waits to be elected is well.
    if (waits_for_lease || controllers.synced()) return std::nullopt;
    return "the first lists have not arrived";
  });
  net::ServerOptions server_options;
  server_options.address = options.address;
  server_options.port = options.port;
  core::Result<std::unique_ptr<net::Server>> server =
      net::Server::listen(executor, std::move(server_options),
                          [&router](const net::Request& request) { return router.route(request); });
  if (!server) {
    core::log::error("The metrics port cannot be listened on", {{"error", server.error().message}});
    co_return 2;
  }
  core::log::info("Controllers start",
                  {{"api", config->server.to_string()}, {"metrics_port", (*server)->port()}});
  int exit_code = 0;
  async::TaskGroup waiting(executor);
  async::TaskGroup tasks(executor);
  tasks.spawn("server", (*server)->run());
  tasks.spawn("controllers",
              control_until_ended(options, *connection, clock, controllers, **server, waiting, exit_code));
  waiting.spawn("signals", wait_for_signal(tasks));
  co_await tasks.join();
  waiting.cancel();
  co_await waiting.join();
  co_return exit_code;
}

// --broker-relist-interval → BROKER_RELIST_INTERVAL
std::string environment_name(std::string_view flag) {
  std::string name;
  for (char c : flag.substr(2))
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

// A flag with a Go duration: "24h", "15m0s".
void add_duration(CLI::App& command, const std::string& name, std::chrono::milliseconds& value,
                  const std::string& help) {
  auto parse = [&value, name](const std::string& text) {
    core::Result<std::chrono::milliseconds> duration = core::parse_duration(text);
    if (!duration) throw CLI::ValidationError(name, duration.error().message);
    value = *duration;
  };
  command.add_option_function<std::string>(name, parse, help)
      ->envname(environment_name(name))
      ->default_str(core::to_duration_text(value));
}

}  // namespace

void add_controller_manager(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("controller-manager",
                                             "Runs the controllers for brokers, instances and bindings");
  command
      ->add_option("--kubeconfig", options->kubeconfig,
                   "The API server to work with; in a pod its service account")
      ->envname("KUBECONFIG");
  command->add_option("--context", options->context, "Context of the kubeconfig file");
  command->add_option("--bind-address", options->address, "Address of /metrics, /healthz and /readyz")
      ->envname("BIND_ADDRESS")
      ->capture_default_str();
  command->add_option("--port", options->port, "Port of /metrics, /healthz and /readyz")
      ->envname("PORT")
      ->capture_default_str();
  command
      ->add_flag("--leader-elect,!--no-leader-elect", options->leader_elect,
                 "Work only while holding the Lease: for several replicas")
      ->envname("LEADER_ELECT");
  command
      ->add_option("--leader-election-namespace", options->lease_namespace,
                   "Namespace of the Lease, the pod's own where absent")
      ->envname(environment_name("--leader-election-namespace"));
  command->add_option("--leader-election-name", options->lease_name, "Name of the Lease")
      ->capture_default_str()
      ->envname(environment_name("--leader-election-name"));
  catalog::ControllerOptions& controllers = options->controllers;
  add_duration(*command, "--broker-relist-interval", controllers.broker_relist_interval,
               "How often catalogs are fetched where a broker does not say");
  add_duration(*command, "--operation-polling-maximum-backoff-duration",
               controllers.operation_polling_maximum_backoff,
               "Longest wait between two polls of an operation");
  add_duration(*command, "--reconciliation-retry-duration", controllers.reconciliation_retry_duration,
               "How long failing calls are repeated");
  add_duration(*command, "--osb-api-request-timeout", controllers.osb_api_request_timeout,
               "Of one request to a broker");
  add_duration(*command, "--resync-interval", controllers.resync_interval,
               "How often every object is looked at without a reason");
  command
      ->add_option("--concurrent-syncs", controllers.concurrent_syncs,
                   "Objects of a kind worked on at a time")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str()
      ->envname(environment_name("--concurrent-syncs"));
  command
      ->add_option("--cluster-id-configmap-name", controllers.cluster_id_config_map.name,
                   "ConfigMap with the cluster's id")
      ->capture_default_str()
      ->envname(environment_name("--cluster-id-configmap-name"));
  command
      ->add_option("--cluster-id-configmap-namespace", controllers.cluster_id_config_map.namespace_,
                   "Its namespace")
      ->capture_default_str()
      ->envname(environment_name("--cluster-id-configmap-namespace"));
  add_log_options(*command, options->log);
  command->callback([options, &exit_code] {
    configure_log(options->log);
    exit_code = async::run_program(serve(*options));
  });
}
