#include "simulation/programs/broker.hpp"

#include "async/blocking_pool.hpp"
#include "async/task_group.hpp"
#include "aws/session.hpp"
#include "broker/cloud/aws_cloud.hpp"
#include "broker/service_broker.hpp"
#include "broker/sources/live_catalog.hpp"
#include "broker/stack_poller/stack_poller.hpp"
#include "broker/store/dynamodb_store.hpp"
#include "broker/store/sqlite_store.hpp"
#include "core/log.hpp"
#include "net/router.hpp"
#include "osb/routes.hpp"

namespace simulation {

namespace {

using core::fail;

class Templates final : public broker::TemplateSource {
 public:
  explicit Templates(const TemplateFolder& folder) : folder_(folder) {}
  [[nodiscard]] std::string name() const override { return "the simulated folder"; }
  [[nodiscard]] async::Task<core::Result<std::optional<broker::TemplateSet>>> refresh() override {
    if (folder_.version == seen_) co_return std::nullopt;
    seen_ = folder_.version;
    broker::TemplateCollector collector("*");
    for (const auto& [name, text] : folder_.files) {
      auto parsed = broker::parse_template(text, name);
      if (parsed) {
        collector.add(std::make_shared<const broker::Template>(std::move(*parsed)), name);
      } else {
        collector.add_problem(parsed.error().message);
      }
    }
    co_return collector.finish();
  }

 private:
  const TemplateFolder& folder_;
  std::uint64_t seen_ = 0;
};

aws::SessionOptions session_options(Simulator& simulator, Process& process, const BrokerSetup& setup) {
  return {.region = "us-east-1",
          .credentials = std::make_shared<aws::StaticCredentials>(aws::Identity{.access_key_id = setup.key_id,
                                                                                .secret_access_key = "secret",
                                                                                .session_token = {},
                                                                                .expires = {},
                                                                                .source = "the simulation"}),
          .transports = [&simulator, &process, aws = setup.aws](
                            const aws::Endpoint&) -> core::Result<std::unique_ptr<net::Transport>> {
            return simulator.network.connect(process, aws);
          },
          .clock = &process.clock(),
          .environment = [](const std::string&) { return std::string(); }};
}

class ServiceBroker final : public Program {
 public:
  ServiceBroker(Simulator& simulator, Process& process, BrokerSetup setup, const TemplateFolder& templates)
      : simulator_(simulator),
        process_(process),
        setup_(std::move(setup)),
        session_(session_options(simulator, process, setup_)),
        ids_(broker::Ids::make(setup_.account_id, setup_.broker_id).value()),
        sealer_(core::Sealer::from_key(std::string(32, 'k')).value()),
        source_(templates),
        catalog_(process.executor(), ids_, {},
                 {.source = source_, .clock = process.clock(), .metrics = metrics_}),
        clouds_(session_, {}),
        tasks_(process.executor()) {}

  async::Task<> run() override {
    auto opened = open_store();
    if (!opened) {
      core::log::error("The broker cannot start", {{"error", opened.error().message}});
      co_return;
    }
    store_ = std::move(*opened);
    const auto read = co_await catalog_.refresh();
    if (!read) co_return;
    poller_.emplace(clouds_, process_.clock(), process_.executor(), tasks_);
    service_ = std::make_unique<broker::ServiceBroker>(
        broker::BrokerOptions{.broker_id = setup_.broker_id, .account_id = setup_.account_id},
        catalog_.current(), *store_, clouds_, sealer_, process_.clock(), tasks_);
    service_->use_poller(*poller_);
    osb::add_broker_routes(router_, *service_, authentication_);
    for (const char* suffix : {"", new_address})
      simulator_.network.serve(setup_.host + suffix, process_,
                               [this](const net::Request& request) { return router_.route(request); });
    tasks_.spawn("resume", resume());
    tasks_.spawn("expiry", service_->revoke_expired_bindings());
    tasks_.spawn("templates",
                 catalog_.run([this](auto changed) { service_->use_catalog(std::move(changed)); }));
    co_await tasks_.join();
  }

 private:
  [[nodiscard]] core::Result<std::unique_ptr<broker::Store>> open_store() {
    if (setup_.store == StoreKind::dynamodb)
      return std::make_unique<broker::DynamoDbStore>(session_, "awssb", ids_.account().to_string());
    auto opened = broker::SqliteStore::open(pool_, simulator_.folder_of(process_.name()) + "broker.db");
    if (!opened) return fail(std::move(opened.error()));
    return std::move(*opened);
  }
  [[nodiscard]] async::Task<> resume() {
    while (true) {
      const auto resumed = co_await service_->resume();
      if (resumed) co_return;
      core::log::warn("Unfinished operations could not be resumed; trying again",
                      {{"error", resumed.error().message}});
      co_await process_.clock().sleep_for(std::chrono::seconds(5));
    }
  }

  Simulator& simulator_;
  Process& process_;
  BrokerSetup setup_;
  async::BlockingPool pool_{0};
  core::Metrics metrics_;
  aws::Session session_;
  broker::Ids ids_;
  core::Sealer sealer_;
  Templates source_;
  broker::LiveCatalog catalog_;
  broker::AwsClouds clouds_;
  async::TaskGroup tasks_;
  std::unique_ptr<broker::Store> store_;
  std::optional<broker::StackPoller> poller_;
  std::unique_ptr<broker::ServiceBroker> service_;
  osb::Authentication authentication_;
  net::Router router_;
};

}  // namespace

MakeProgram service_broker(Simulator& simulator, BrokerSetup setup, const TemplateFolder& templates) {
  return [&simulator, setup = std::move(setup), &templates](Process& process) {
    return std::make_unique<ServiceBroker>(simulator, process, setup, templates);
  };
}

}  // namespace simulation
