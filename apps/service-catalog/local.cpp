// service-catalog local: the embedded control plane, with the catalog's admission and controllers in the same
// process.
#include <cstdio>
#include <cstdlib>

#include <CLI/CLI.hpp>
#include <boost/asio/this_coro.hpp>

#include "apiserver/control_plane.hpp"
#include "async/program.hpp"
#include "async/shutdown.hpp"
#include "async/task_group.hpp"
#include "catalog/api/crds.hpp"
#include "catalog/controllers/controllers.hpp"
#include "commands.hpp"
#include "controller_flags.hpp"
#include "core/log.hpp"
#include "kube/client.hpp"
#include "local_admission.hpp"
#include "local_files.hpp"
#include "log_options.hpp"
#include "net/health.hpp"
#include "net/in_process_transport.hpp"
#include "net/server.hpp"

namespace {

namespace asio = boost::asio;

constexpr std::string_view no_control_plane = "The control plane cannot start";

struct LocalOptions {
  std::string data_dir;
  std::string address = "127.0.0.1";
  std::uint16_t port = 6443;
  std::string kubeconfig;
  bool controllers = true;
  catalog::ControllerOptions of_controllers;
  LogOptions log;
};

// No --data-dir: $XDG_DATA_HOME/chandlery or ~/.local/share/chandlery.
core::Result<std::string> data_dir_of(const LocalOptions& options) {
  if (!options.data_dir.empty()) return options.data_dir;
  const char* data_home =
      std::getenv("XDG_DATA_HOME");  // NOLINT(concurrency-mt-unsafe): nothing of ours sets the environment
  if (data_home != nullptr && *data_home != '\0') return std::string(data_home) + "/chandlery/control-plane";
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe)
  if (home == nullptr) return core::fail(core::ErrorKind::invalid, "HOME is not set: use --data-dir");
  return std::string(home) + "/.local/share/chandlery/control-plane";
}

apiserver::ControlPlaneOptions control_plane_options(const DataFolder& folder,
                                                     const ServerIdentity& identity) {
  apiserver::ControlPlaneOptions options;
  options.data_dir = folder.path();
  for (const catalog::CrdFile& file : catalog::crd_files()) options.crd_texts.emplace_back(file.yaml);
  options.tokens.push_back(
      {.secret = identity.admin_token,
       .user = {.username = "kubernetes-admin", .uid = {}, .groups = {"system:masters"}, .extra = {}}});
  return options;
}

async::Task<int> serve(const LocalOptions& options) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto path = data_dir_of(options);
  if (!path) co_return cannot_start(no_control_plane, path.error());
  const auto folder = DataFolder::open(*path);
  if (!folder) co_return cannot_start(no_control_plane, folder.error());
  auto identity = load_identity(*folder, options.address);
  if (!identity) co_return cannot_start(no_control_plane, identity.error());

  async::SystemClock clock;
  core::Metrics metrics;
  auto control_plane =
      apiserver::ControlPlane::open(executor, clock, metrics, control_plane_options(*folder, *identity));
  if (!control_plane) co_return cannot_start(no_control_plane, control_plane.error());
  const net::Handler api = (*control_plane)->handler();
  net::InProcessTransport transport(executor, api);
  kube::Client client(transport, "service-catalog");
  catalog::admission::KubeLookup lookup(client);
  CatalogAdmission admission(lookup);
  (*control_plane)->set_admission(admission);
  catalog::Controllers controllers(executor, client, clock, metrics, options.of_controllers);

  net::ServerOptions server_options{.address = options.address, .port = options.port, .tls = identity->tls};
  auto server = net::Server::listen(executor, std::move(server_options), api);
  if (!server) co_return cannot_start(no_control_plane, server.error());
  const std::string url = "https://" + options.address + ":" + std::to_string((*server)->port());
  const std::string kubeconfig = options.kubeconfig.empty() ? folder->file("kubeconfig") : options.kubeconfig;
  if (auto written = write_kubeconfig(kubeconfig, *identity, url); !written)
    co_return cannot_start(no_control_plane, written.error());

  async::TaskGroup control_plane_tasks(executor);
  async::TaskGroup tasks(executor);
  control_plane_tasks.spawn("control plane", (*control_plane)->run());
  tasks.spawn("server", (*server)->run());
  if (options.controllers) tasks.spawn("controllers", controllers.run());
  core::log::info("The control plane is ready", {{"url", url}, {"data_dir", folder->path()}});
  std::printf("export KUBECONFIG=%s\n", kubeconfig.c_str());
  std::fflush(stdout);

  const int signal = co_await async::wait_for_shutdown_signal();
  core::log::info("Draining", {{"signal", signal}});
  (*server)->stop();
  tasks.cancel();
  co_await tasks.join();
  control_plane_tasks.cancel();
  co_await control_plane_tasks.join();
  co_return 0;
}

}  // namespace

void add_local(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<LocalOptions>();
  CLI::App* command = program.add_subcommand("local",
                                             "Runs a control plane for one machine: the Kubernetes API that "
                                             "the catalog uses, admission and controllers in one process");
  command
      ->add_option("--data-dir", options->data_dir,
                   "Folder for all data (default: ~/.local/share/chandlery/control-plane)")
      ->envname("DATA_DIR");
  command->add_option("--address", options->address, "Address to listen on")
      ->envname("ADDRESS")
      ->capture_default_str();
  command->add_option("--port", options->port, "Port to listen on; 0 chooses a free one")
      ->envname("PORT")
      ->capture_default_str();
  command
      ->add_option("--kubeconfig", options->kubeconfig,
                   "Where to write the administrator's kubeconfig (default: in the data folder)")
      ->envname("LOCAL_KUBECONFIG");
  command
      ->add_flag("--controllers,!--no-controllers", options->controllers,
                 "Run the controllers; without them, `controller-manager` can run as a process of its own")
      ->envname("CONTROLLERS");
  add_controller_flags(*command, options->of_controllers);
  add_log_options(*command, options->log);
  command->callback([options, &exit_code] {
    configure_log(options->log);
    exit_code = async::run_program(serve(*options));
  });
}
