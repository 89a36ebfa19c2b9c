// The processes of a story: the account, brokers, and for each cluster its API server, controller managers
// and users.
#include "async/event.hpp"
#include "simulation/performance/names.hpp"
#include "simulation/performance/performance.hpp"
#include "simulation/programs/api_server.hpp"
#include "simulation/programs/controller_manager.hpp"
#include "simulation/programs/templates.hpp"

namespace simulation {

namespace {

constexpr const char* account_id = "123456789012";

// Serves a handler, and never ends by itself.
class Server final : public Program {
 public:
  Server(Simulator& simulator, Process& process, net::Handler handler) : process_(process) {
    simulator.network.serve(process.name(), process, std::move(handler));
  }
  async::Task<> run() override {
    async::Event never(process_.executor());
    co_await never.wait();
  }

 private:
  Process& process_;
};

}  // namespace

std::string Performance::broker_of(std::size_t site) const {
  return "broker-" + std::to_string(site % static_cast<std::size_t>(story_.brokers) + 1);
}

void Performance::set_up() {
  simulator_.network.decide = [this](const Link& link, const net::Request& request) {
    return fate_of(link, request);
  };
  simulator_.network.observe = [this](const Exchange& exchange) { observe(exchange); };
  conversation_.watch(simulator_.network, simulator_.timeline);
  simulator_.on_end = [this](Process& process) { restart_later(process); };
  simulator_.trace.also = [this](std::string_view what) { said_.append(what).push_back('\n'); };
  make_account();
  make_brokers();
  sites_.reserve(static_cast<std::size_t>(story_.clusters));
  for (int number = 0; number < story_.clusters; ++number) make_site(number);
  for (Process* process : mortals_) process->start();
  for (Site& site : sites_) run_task(site, site.users->set_up(), std::chrono::minutes(10));
  simulator_.run_for(std::chrono::seconds(30));
}

void Performance::make_account() {
  DynamoTable table;
  table.name = "awssb";
  table.hash = "id";
  table.range = "userid";
  table.indexes.push_back({.name = "type-userid-index", .hash = "type", .range = "userid", .projected = {}});
  std::ignore = account_.tables().create(std::move(table));
  simulator_
      .add(aws_name,
           [this](Process& process) {
             return std::make_unique<Server>(simulator_, process, account_.handler());
           })
      .start();
}

void Performance::make_brokers() {
  for (const broker::NamedText& each : simulated_templates())
    installed_[std::string(each.name)] = std::string(each.text);
  templates_.files = installed_;
  for (int i = 1; i <= story_.brokers; ++i) {
    const std::string number = std::to_string(i);
    account_.admit("AKIABROKER" + number, "secret");
    mortals_.push_back(
        &simulator_.add("broker-" + number,
                        service_broker(simulator_,
                                       {.host = "broker-" + number,
                                        .broker_id = "broker" + number,
                                        .store = story_.dynamodb ? StoreKind::dynamodb : StoreKind::sqlite,
                                        .aws = aws_name,
                                        .account_id = account_id,
                                        .key_id = "AKIABROKER" + number},
                                       templates_)));
  }
}

// Each cluster uses one broker, and where there are two, they share the account.
void Performance::make_site(int number) {
  const std::string suffix = number == 0 ? "" : "-of-" + std::to_string(number + 1);
  const std::size_t index = sites_.size();
  Site& site = sites_.emplace_back(Site{.name = "api" + suffix});
  mortals_.push_back(&simulator_.add(site.name, api_server(simulator_)));
  for (int i = 1; i <= story_.managers; ++i)
    mortals_.push_back(
        &simulator_.add("manager-" + std::to_string(i) + suffix, controller_manager(simulator_, site.name)));
  simulator_
      .add("users" + suffix,
           [this, index](Process& process) {
             auto made = std::make_unique<Users>(simulator_, process, sites_[index].name,
                                                 std::vector<std::string>{broker_of(index)});
             sites_[index].users = made.get();
             return made;
           })
      .start();
  site.users->emigrate = [this, index](const kube::ObjectKey& to, json::object spec,
                                       const std::string& from) {
    const std::size_t other = (index + 1) % sites_.size();
    if (other == index || broker_of(other) != broker_of(index)) return;
    // In a step of its own: it is another process.
    simulator_.timeline.after(std::chrono::seconds(1), [this, other, to, spec = std::move(spec), from] {
      sites_[other].users->spawn(sites_[other].users->adopt(to, spec, from));
    });
  };
}

}  // namespace simulation
