// service-catalog controller-manager: the catalog's controllers against a Kubernetes API server.
#include <CLI/CLI.hpp>
#include <boost/asio/ip/host_name.hpp>
#include <boost/asio/this_coro.hpp>

#include "async/program.hpp"
#include "async/shutdown.hpp"
#include "async/task_group.hpp"
#include "catalog/controllers/controllers.hpp"
#include "commands.hpp"
#include "controller_flags.hpp"
#include "core/log.hpp"
#include "core/uuid.hpp"
#include "kube/kubeconfig.hpp"
#include "log_options.hpp"
#include "net/health.hpp"
#include "net/server.hpp"
#include "runtime/fenced_transport.hpp"
#include "runtime/leader_election.hpp"

namespace {

namespace asio = boost::asio;

struct ControllerManagerOptions {
  std::string kubeconfig, context;
  std::string address = "0.0.0.0";
  std::uint16_t port = 8080;
  bool leader_elect = false;
  runtime::LeaderElectionOptions election{
      .namespace_ = {}, .name = "service-catalog-controller-manager", .identity = {}};
  LogOptions log;
  catalog::ControllerOptions controllers;
};

constexpr const char* agent = "service-catalog-controller-manager";

runtime::LeaderElectionOptions election_of(const ControllerManagerOptions& options,
                                           const kube::Connection& connection) {
  runtime::LeaderElectionOptions election = options.election;
  if (election.namespace_.empty()) election.namespace_ = connection.namespace_;
  election.identity = asio::ip::host_name() + "_" + core::Uuid::random().to_string();
  return election;
}

kube::TransportAround fenced_writes(std::function<bool()> may_act) {
  return [may_act = std::move(may_act)](std::unique_ptr<net::Transport> network) {
    return std::make_unique<runtime::FencedTransport>(std::move(network),
                                                      runtime::FencedTransport::Refuses::writes, may_act);
  };
}

catalog::ConnectBroker fenced(catalog::ConnectBroker connect, std::function<bool()> may_act) {
  return [connect = std::move(connect), may_act = std::move(may_act)](
             const net::Url& broker,
             const net::ClientTls& tls) -> core::Result<std::unique_ptr<net::Transport>> {
    core::Result<std::unique_ptr<net::Transport>> transport = connect(broker, tls);
    if (!transport) return transport;
    return std::make_unique<runtime::FencedTransport>(std::move(*transport),
                                                      runtime::FencedTransport::Refuses::everything, may_act);
  };
}

// The controllers, alone or after having been elected. Returns the exit code.
async::Task<int> control(const ControllerManagerOptions& options, runtime::LeaderElector& elector,
                         catalog::Controllers& controllers) {
  if (!options.leader_elect) {
    co_await controllers.run();
    co_return 0;
  }
  core::Result<> ended = co_await elector.run([&controllers] { return controllers.run(); });
  if (ended) co_return 0;
  core::log::error("This process is no longer the leader", {{"error", ended.error().message}});
  co_return 1;
}

async::Task<> control_until_ended(const ControllerManagerOptions& options, runtime::LeaderElector& elector,
                                  catalog::Controllers& controllers, net::Server& server,
                                  async::TaskGroup& waiting, int& exit_code) {
  exit_code = co_await control(options, elector, controllers);
  server.stop();
  waiting.cancel();
}

async::Task<> wait_for_signal(async::TaskGroup& tasks) {
  int signal = co_await async::wait_for_shutdown_signal();
  core::log::info("Shutting down", {{"signal", signal}});
  tasks.cancel();
}

async::Task<int> serve(const ControllerManagerOptions& options) {
  asio::any_io_executor executor = co_await asio::this_coro::executor;
  core::Result<kube::Config> config =
      kube::load_config({.path = options.kubeconfig, .context = options.context, .cluster = {}, .user = {}});
  if (!config) co_return cannot_start("No Kubernetes API to work with", config.error());
  constexpr std::string_view no_connection = "No connection to the Kubernetes API";
  // The lease is renewed over connections of its own, however busy the others are.
  core::Result<kube::Connection> of_election = kube::connect(executor, *config, agent);
  if (!of_election) co_return cannot_start(no_connection, of_election.error());
  async::SystemClock clock;
  core::Metrics metrics;
  runtime::LeaderElector elector(executor, *of_election->client, clock, election_of(options, *of_election));
  std::function<bool()> may_act = [&options, &elector] { return !options.leader_elect || elector.may_act(); };
  core::Result<kube::Connection> connection =
      kube::connect(executor, *config, agent, std::chrono::seconds(30), fenced_writes(may_act));
  if (!connection) co_return cannot_start(no_connection, connection.error());
  catalog::Controllers controllers(executor, *connection->client, clock, metrics, options.controllers,
                                   fenced(catalog::connect_over_network(executor), may_act));
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
  if (!server) co_return cannot_start("Cannot listen on the metrics port", server.error());
  core::log::info("Controllers start",
                  {{"api", config->server.to_string()}, {"metrics_port", (*server)->port()}});
  int exit_code = 0;
  async::TaskGroup waiting(executor);
  async::TaskGroup tasks(executor);
  tasks.spawn("server", (*server)->run());
  tasks.spawn("controllers",
              control_until_ended(options, elector, controllers, **server, waiting, exit_code));
  waiting.spawn("signals", wait_for_signal(tasks));
  co_await tasks.join();
  waiting.cancel();
  co_await waiting.join();
  co_return exit_code;
}

}  // namespace

void add_controller_manager(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<ControllerManagerOptions>();
  CLI::App* command = program.add_subcommand("controller-manager",
                                             "Runs the controllers for brokers, instances and bindings");
  command
      ->add_option("--kubeconfig", options->kubeconfig,
                   "Kubeconfig file (default: in a pod, its service account)")
      ->envname("KUBECONFIG");
  command->add_option("--context", options->context, "Context of the kubeconfig file");
  command
      ->add_option("--bind-address", options->address, "Address to serve /metrics, /healthz and /readyz on")
      ->envname("BIND_ADDRESS")
      ->capture_default_str();
  command->add_option("--port", options->port, "Port to serve /metrics, /healthz and /readyz on")
      ->envname("PORT")
      ->capture_default_str();
  runtime::LeaderElectionOptions& election = options->election;
  command
      ->add_flag("--leader-elect,!--no-leader-elect", options->leader_elect,
                 "Work only while holding the Lease; required for several replicas")
      ->envname("LEADER_ELECT");
  command
      ->add_option("--leader-election-namespace", election.namespace_,
                   "Namespace of the Lease (default: the namespace of the pod)")
      ->envname(environment_name("--leader-election-namespace"));
  command->add_option("--leader-election-name", election.name, "Name of the Lease")
      ->capture_default_str()
      ->envname(environment_name("--leader-election-name"));
  add_duration(
      *command, "--leader-elect-lease-duration", election.lease_duration,
      "How long other replicas wait after the leader's last renewal before one of them becomes the leader");
  add_duration(*command, "--leader-elect-renew-deadline", election.renew_deadline,
               "How long the leader continues without renewing its Lease");
  add_duration(*command, "--leader-elect-retry-period", election.retry_period,
               "How often the Lease is renewed or checked");
  add_controller_flags(*command, options->controllers);
  add_log_options(*command, options->log);
  command->callback([options, &exit_code] {
    configure_log(options->log);
    exit_code = async::run_program(serve(*options));
  });
}
