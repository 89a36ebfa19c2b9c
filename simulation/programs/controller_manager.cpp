#include "simulation/programs/controller_manager.hpp"

#include "async/task_group.hpp"
#include "catalog/controllers/controllers.hpp"
#include "core/log.hpp"
#include "core/uuid.hpp"
#include "kube/client.hpp"
#include "runtime/fenced_transport.hpp"
#include "runtime/leader_election.hpp"

namespace simulation {

namespace {

class ControllerManager final : public Program {
 public:
  ControllerManager(Simulator& simulator, Process& process, const std::string& api)
      : election_transport_(simulator.network.connect(process, api)),
        election_client_(*election_transport_, "service-catalog-controller-manager"),
        elector_(process.executor(), election_client_, process.clock(),
                 {.namespace_ = "kube-system",
                  .name = "service-catalog-controller-manager",
                  .identity = process.name() + "_" + core::Uuid::random().to_string(),
                  // Five times the usual: most of an idle hour is the renewal of leases.
                  .lease_duration = std::chrono::seconds(75),
                  .renew_deadline = std::chrono::seconds(50),
                  .retry_period = std::chrono::seconds(15)}),
        transport_(
            fenced(simulator.network.connect(process, api), runtime::FencedTransport::Refuses::writes)),
        client_(*transport_, "service-catalog-controller-manager"),
        controllers_(process.executor(), client_, process.clock(), metrics_, {},
                     [this, &simulator, &process](const net::Url& broker, const net::ClientTls&)
                         -> core::Result<std::unique_ptr<net::Transport>> {
                       return fenced(simulator.network.connect(process, broker.host),
                                     runtime::FencedTransport::Refuses::everything);
                     }) {}

  // As apps/service-catalog: who has lost the lease ends, and is started again.
  async::Task<> run() override {
    const core::Result<> ended = co_await elector_.run([this] { return controllers_.run(); });
    if (!ended) core::log::error("This process does not lead any more", {{"error", ended.error().message}});
  }

 private:
  [[nodiscard]] std::unique_ptr<net::Transport> fenced(std::unique_ptr<net::Transport> network,
                                                       runtime::FencedTransport::Refuses refuses) {
    return std::make_unique<runtime::FencedTransport>(std::move(network), refuses,
                                                      [this] { return elector_.may_act(); });
  }

  core::Metrics metrics_;
  std::unique_ptr<net::Transport> election_transport_;
  kube::Client election_client_;
  runtime::LeaderElector elector_;
  std::unique_ptr<net::Transport> transport_;
  kube::Client client_;
  catalog::Controllers controllers_;
};

}  // namespace

MakeProgram controller_manager(Simulator& simulator, const std::string& api) {
  return [&simulator, api](Process& process) {
    return std::make_unique<ControllerManager>(simulator, process, api);
  };
}

}  // namespace simulation
