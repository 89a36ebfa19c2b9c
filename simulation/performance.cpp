#include "simulation/performance.hpp"

#include <algorithm>

#include "async/event.hpp"
#include "simulation/programs/api_server.hpp"
#include "simulation/programs/controller_manager.hpp"
#include "simulation/programs/templates.hpp"

namespace simulation {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* aws_name = "aws";
constexpr const char* users_name = "users";
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

bool is_write(const Link& link, const net::Request& request) {
  if (link.server == aws_name) return false;
  return request.method != "GET" && request.target.find("/leases") == std::string::npos;
}

}  // namespace

Performance::Performance(Story story, const std::string& folder, Trace& trace)
    : story_(std::move(story)),
      simulator_(story_.seed, folder, trace),
      noise_(story_.noise.seed),
      account_(simulator_.timeline, Random(story_.seed).stream("aws")) {}

Performance::~Performance() = default;

void Performance::note(const std::string& what) {
  simulator_.trace.note(simulator_.timeline.since_start(), "story", what);
}

// "manager-1 PUT broker-1/v2/service_instances/…: 202", "broker-1 CreateStack: 200".
void Performance::note_exchange(const Exchange& exchange) {
  const net::Request& request = exchange.request;
  std::string what;
  if (exchange.link.server == aws_name) {
    what = request.headers.get("X-Amz-Target");
    if (const auto action = request.body.find("Action="); what.empty() && action == 0)
      what = request.body.substr(7, request.body.find('&') - 7);
    if (what.empty()) what = request.method + " " + request.target;
  } else if (exchange.link.server != api_name || is_write(exchange.link, request)) {
    what = request.method + " " + exchange.link.server + request.target;
  } else {
    return;
  }
  note(exchange.link.client + " " + what + ": " + std::to_string(exchange.reply->status));
}

// What a user has once seen Ready may hold data; what never was is an orphan.
void Performance::note_readiness(const Exchange& exchange) {
  if (exchange.reply->status != 200 ||
      exchange.request.target.find("/serviceinstances/") == std::string::npos ||
      exchange.link.server != api_name || exchange.request.method == "GET")
    return;
  const auto object = core::parse_json(exchange.reply->body);
  if (!object || !object->is_object() || condition_of(object->get_object(), "Ready").status != "True") return;
  excuses_.once_ready.try_emplace(std::string(core::find_string(*object, {"spec", "externalID"})),
                                  simulator_.timeline.system_now());
}

void Performance::set_up() {
  simulator_.network.decide = [this](const Link& link, const net::Request& request) {
    return fate_of(link, request);
  };
  simulator_.network.observe = [this](const Exchange& exchange) {
    note_exchange(exchange);
    note_readiness(exchange);
    if (!is_write(exchange.link, exchange.request)) return;
    last_write_ = simulator_.timeline.now();
    last_writes_.push_back(exchange.link.client + ": " + exchange.request.method + " " +
                           exchange.link.server + exchange.request.target);
    if (last_writes_.size() > 4) last_writes_.pop_front();
  };
  conversation_.watch(simulator_.network, simulator_.timeline);
  simulator_.on_end = [this](Process& process) { restart_later(process); };
  for (const broker::NamedText& each : simulated_templates())
    templates_.files[std::string(each.name)] = std::string(each.text);

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
  mortals_.push_back(&simulator_.add(api_name, api_server(simulator_)));
  std::vector<std::string> brokers;
  for (int i = 1; i <= story_.brokers; ++i) {
    const std::string name = "broker-" + std::to_string(i);
    account_.admit("AKIABROKER" + std::to_string(i), "secret");
    brokers.push_back(name);
    mortals_.push_back(&simulator_.add(
        name, service_broker(simulator_,
                             {.host = name,
                              .broker_id = "broker" + std::to_string(i),
                              .store = story_.dynamodb ? StoreKind::dynamodb : StoreKind::sqlite,
                              .aws = aws_name,
                              .account_id = account_id,
                              .key_id = "AKIABROKER" + std::to_string(i)},
                             templates_)));
  }
  for (int i = 1; i <= story_.managers; ++i)
    mortals_.push_back(
        &simulator_.add("manager-" + std::to_string(i), controller_manager(simulator_, api_name)));
  for (Process* process : mortals_) process->start();
  // Two brokers would offer every class twice: users have the first one's.
  simulator_
      .add(users_name,
           [this](Process& process) {
             auto made =
                 std::make_unique<Users>(simulator_, process, api_name, std::vector<std::string>{"broker-1"});
             users_ = made.get();
             return made;
           })
      .start();
  run_task(users_->set_up(), minutes(10));
  simulator_.run_for(seconds(30));
}

void Performance::run_task(async::Task<> task, milliseconds limit) {
  auto is_done = std::make_shared<bool>(false);
  const auto run = [](async::Task<> inner, std::shared_ptr<bool> done) -> async::Task<> {
    co_await std::move(inner);
    *done = true;
  };
  users_->spawn(run(std::move(task), is_done));
  const Instant latest = simulator_.timeline.now() + limit;
  while (!*is_done && simulator_.timeline.now() < latest) simulator_.run_for(seconds(1));
  if (!*is_done) violations_.push_back("a user's request was not done in time");
}

MessageFate Performance::fate_of(const Link& link, const net::Request& request) {
  MessageFate fate{.there = milliseconds(noise_.between(1, 12)), .back = milliseconds(noise_.between(1, 12))};
  if (!is_noisy_) return fate;
  if (cut_off_.contains(link.client) || cut_off_.contains(link.server)) {
    fate.is_lost = true;
    return fate;
  }
  const Noise& noise = story_.noise;
  const bool is_write_request = request.method != "GET";
  fate.is_refused = noise_.chance(noise.refused);
  fate.is_lost = noise_.chance(noise.lost);
  fate.loses_answer = noise_.chance(noise.answer_lost);
  fate.is_doubled = is_write_request && noise_.chance(noise.doubled);
  if (noise_.chance(noise.failed_before)) fate.status_instead = noise_.chance(0.5) ? 503 : 500;
  if (noise_.chance(noise.failed_after)) fate.status_after = noise_.chance(0.5) ? 502 : 504;
  fate.garbles_answer = noise_.chance(noise.garbled);
  if (noise_.chance(noise.late))
    (noise_.chance(0.5) ? fate.there : fate.back) =
        milliseconds(noise_.between(100, noise_.chance(0.3) ? 90'000 : 3'000));
  const bool client_is_mortal = link.client != users_name;
  const bool server_is_mortal = link.server != aws_name;
  if (client_is_mortal && is_write_request && noise_.chance(noise.client_dies))
    (noise_.chance(0.5) ? fate.kills_client_before : fate.kills_client_after) = true;
  if (server_is_mortal && is_write_request && noise_.chance(noise.server_dies))
    (noise_.chance(0.5) ? fate.kills_server_before : fate.kills_server_after) = true;
  if (noise_.chance(noise.stream_breaks)) fate.breaks_after = milliseconds(noise_.between(10, 120'000));
  if (noise_.chance(noise.stream_late)) fate.late = milliseconds(noise_.between(10, 20'000));
  return fate;
}

Process& Performance::mortal(std::uint32_t which) {
  return *mortals_.at(which % mortals_.size());
}

void Performance::restart_later(Process& process) {
  conversation_.ended(process.name());
  const milliseconds pause(is_noisy_ ? noise_.between(50, noise_.chance(0.2) ? 60'000 : 3'000) : 100);
  simulator_.timeline.after(pause, [&process] {
    if (!process.is_running()) process.start();
  });
}

void Performance::perform(const Act& act) {
  note(std::string(name_of(act.kind)) + " " + std::to_string(act.who) + " " + std::to_string(act.what) + " " +
       std::to_string(act.how));
  switch (act.kind) {
    case ActKind::kill_process:
      mortal(act.what).doom();
      return;
    case ActKind::lose_power: {
      Process& process = mortal(act.what);
      const std::string its_disk = simulator_.folder_of(process.name());
      simulator_.kill(process);
      simulator_.disk.lose_power(its_disk, [this] { return noise_.chance(0.5); });
      return restart_later(process);
    }
    case ActKind::pause_process: {
      Process& process = mortal(act.what);
      process.pause(true);
      simulator_.timeline.after(milliseconds(500 + act.how % 120'000), [&process] { process.pause(false); });
      return;
    }
    case ActKind::jump_clock:
      mortal(act.what).clock().set_skew(
          milliseconds(static_cast<std::int64_t>(act.how % 7'200'000) - 3'600'000));
      return;
    case ActKind::fill_disk: {
      const std::string its_disk = simulator_.folder_of(mortal(act.what).name());
      simulator_.disk.fill(its_disk, true);
      simulator_.timeline.after(milliseconds(1000 + act.how % 60'000),
                                [this, its_disk] { simulator_.disk.fill(its_disk, false); });
      return;
    }
    case ActKind::cut_network: {
      const std::string name = mortal(act.what).name();
      cut_off_.insert(name);
      simulator_.timeline.after(milliseconds(1000 + act.how % 180'000),
                                [this, name] { cut_off_.erase(name); });
      return;
    }
    case ActKind::throttle_aws:
    case ActKind::fail_aws: {
      AwsSettings& settings = account_.settings();
      double& chance = act.kind == ActKind::throttle_aws ? settings.throttled
                       : act.how % 2 == 0                ? settings.server_error
                                                         : settings.server_error_late;
      chance = 0.3 + 0.6 * static_cast<double>(act.how % 100) / 100;
      simulator_.timeline.after(milliseconds(5000 + act.how % 300'000), [&chance] { chance = 0; });
      return;
    }
    case ActKind::fail_stacks: {
      excuses_.stacks_failed = true;
      AwsSettings& settings = account_.settings();
      double& chance = act.how % 4 == 0   ? settings.creation_failure
                       : act.how % 4 == 1 ? settings.update_failure
                       : act.how % 4 == 2 ? settings.deletion_failure
                                          : settings.rollback_failure;
      chance = 0.5;
      simulator_.timeline.after(milliseconds(60'000 + act.how % 600'000), [&chance] { chance = 0; });
      return;
    }
    case ActKind::change_stack:
    case ActKind::delete_stack:
    case ActKind::install_template:
    case ActKind::break_template:
    case ActKind::mend_templates:
    case ActKind::save_cluster:
    case ActKind::restore_cluster:
    case ActKind::save_records:
    case ActKind::restore_records:
      return;  // to come
    default:
      return users_->perform(act);
  }
}

void Performance::calm_down() {
  note("calms down");
  is_noisy_ = false;
  cut_off_.clear();
  AwsSettings& settings = account_.settings();
  for (double* chance :
       {&settings.throttled, &settings.server_error, &settings.server_error_late, &settings.creation_failure,
        &settings.update_failure, &settings.deletion_failure, &settings.rollback_failure})
    *chance = 0;
  for (Process* process : mortals_) {
    process->pause(false);
    process->clock().set_skew(milliseconds(0));
    simulator_.disk.fill(simulator_.folder_of(process->name()), false);
    if (!process->is_running()) process->start();
  }
}

void Performance::rest(const std::string& why) {
  constexpr minutes quiet(50);  // more than the longest pause between two tries
  const Instant latest = simulator_.timeline.now() + hours(6);
  last_write_ = simulator_.timeline.now();
  while (simulator_.timeline.now() < std::min(last_write_ + quiet, latest)) simulator_.run_for(minutes(1));
  const bool is_quiet = simulator_.timeline.now() >= last_write_ + quiet;
  note((is_quiet ? "rests after " : "does not rest after ") + why);
  run_task(read_cluster(users_->client(), simulator_.process(users_name).clock(), cluster_), minutes(10));
  check(is_quiet);
}

void Performance::check(bool is_quiet) {
  const std::size_t before = violations_.size();
  if (is_quiet) conversation_.finish(simulator_.timeline.since_start());
  for (std::string& each : conversation_.take_violations()) violations_.push_back(std::move(each));
  check_objects(cluster_, excuses_, violations_);
  check_account(cluster_, *users_, account_, excuses_, violations_);
  const bool all_ready = std::ranges::all_of(cluster_.instances, [](const json::object& instance) {
    return condition_of(instance, "Ready").status == "True";
  });
  // Who fails is tried again, and that is written down.
  if (is_quiet || violations_.size() > before || !all_ready) return;
  std::string writes;
  for (const std::string& each : last_writes_) writes += "; " + each;
  violations_.push_back("all is reached, and still something is written: " + writes);
}

Played Performance::play() {
  set_up();
  is_noisy_ = true;
  const Instant start = simulator_.timeline.now();
  for (const Act& act : story_.acts) simulator_.timeline.at(start + act.at, [this, act] { perform(act); });
  simulator_.run_until(start + story_.length);
  calm_down();
  rest("the story");
  run_task(users_->delete_everything(), minutes(10));
  rest("everything was deleted");
  for (const auto* objects : {&cluster_.instances, &cluster_.bindings}) {
    for (const json::object& object : *objects)
      violations_.push_back("an object is left after everything was deleted: " + describe(object));
  }
  return {.violations = std::move(violations_),
          .virtual_time = simulator_.timeline.since_start(),
          .steps = simulator_.steps};
}

}  // namespace simulation
