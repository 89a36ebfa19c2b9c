#include "world.hpp"

#include <algorithm>

#include "async/task_group.hpp"
#include "catalog/api/conditions.hpp"
#include "testing/run.hpp"

namespace catalog {

class ScriptedTransport final : public net::Transport {
 public:
  ScriptedTransport(ScriptedBroker& broker, async::Clock& clock) : broker_(broker), clock_(clock) {}
  async::Task<core::Result<net::Reply>> send(net::Request request, net::CallOptions options) override {
    ScriptedBroker::Answer answer = broker_.next(request);
    broker_.keep_books(request, answer);
    if (answer.hangs) {
      co_await clock_.sleep_for(options.timeout);
      co_return core::fail(core::ErrorKind::timeout, "no answer in time");
    }
    if (answer.error) co_return core::fail(*answer.error);
    net::Reply reply;
    reply.status = answer.status;
    reply.headers = answer.headers;
    reply.headers.set("Content-Type", "application/json");
    reply.body = answer.body;
    co_return reply;
  }
  async::Task<core::Result<net::IncomingReply>> open(net::Request, net::CallOptions) override {
    co_return core::fail(core::ErrorKind::internal, "a broker is not streamed from");
  }

 private:
  ScriptedBroker& broker_;
  async::Clock& clock_;
};

namespace {

constexpr const char* catalog_body =
    R"({"services":[{"id":"class-id","name":"s3","description":"buckets","bindable":true,
  "bindings_retrievable":true,"plan_updateable":true,
  "plans":[{"id":"plan-id","name":"production","description":"for keeps"},{"id":"other-id","name":"custom","description":"as you like"}]}]})";

}  // namespace

std::string ScriptedBroker::call_of(const net::Request& request) {
  std::string_view path = request.path();
  if (path.ends_with("/catalog")) return "catalog";
  if (path.ends_with("/last_operation")) return "last_operation";
  bool binding = path.contains("/service_bindings/");
  if (request.method == "PUT") return binding ? "bind" : "provision";
  if (request.method == "DELETE") return binding ? "unbind" : "deprovision";
  if (request.method == "PATCH") return "update";
  return binding ? "fetch_binding" : "fetch_instance";
}

ScriptedBroker::Answer ScriptedBroker::next(const net::Request& request) {
  std::string call = call_of(request);
  seen_.emplace_back(call, request);
  Answer answer;
  std::deque<Answer>& planned = plans_[call];
  if (!planned.empty()) {
    answer = planned.front();
    if (planned.size() > 1) planned.pop_front();
  } else if (call == "catalog") {
    answer.body = catalog_body;
  } else if (call == "provision") {
    answer.status = 201;
  } else if (call == "bind" || call == "fetch_binding") {
    answer.status = call == "bind" ? 201 : 200;
    answer.body = R"({"credentials":{"BUCKET_NAME":"the-bucket","PORT":443}})";
  } else if (call == "last_operation") {
    answer.body = R"({"state":"succeeded"})";
  }
  return answer;
}

void ScriptedBroker::keep_books(const net::Request& request, const Answer& answer) {
  std::string call = call_of(request);
  if (call == "catalog") return;
  bool refused = answer.error ? answer.error->kind == core::ErrorKind::unavailable
                              : answer.status >= 300 && answer.status < 500;
  std::string thing(request.path().substr(std::string_view("/v2/service_instances/").size()));
  if (std::size_t binding = thing.find("/service_bindings/"); binding != std::string::npos)
    thing.replace(binding, std::string_view("/service_bindings/").size(), "/");
  if ((call == "provision" || call == "bind") && !refused) things_.insert(thing);
  bool removed = !answer.error && !answer.hangs &&
                 (answer.status == 200 || answer.status == 202 || answer.status == 410);
  if ((call == "deprovision" || call == "unbind") && removed) things_.erase(thing);
}

std::string ScriptedBroker::story() const {
  std::string text;
  for (const auto& [call, request] : seen_) {
    if (call != "catalog") text += (text.empty() ? "" : " ") + call;
  }
  return text;
}

std::size_t ScriptedBroker::calls(std::string_view call) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(seen_, [&](const auto& entry) { return entry.first == call; }));
}

const net::Request& ScriptedBroker::last(std::string_view call) const {
  auto found = std::ranges::find_if(seen_.rbegin(), seen_.rend(),
                                    [&](const auto& entry) { return entry.first == call; });
  if (found == seen_.rend()) throw std::runtime_error("the broker was never asked to " + std::string(call));
  return found->second;
}

std::unique_ptr<net::Transport> ScriptedBroker::transport(async::Clock& clock) {
  return std::make_unique<ScriptedTransport>(*this, clock);
}

World::World(ControllerOptions options)
    : api(io.get_executor()),
      clock(io.get_executor()),
      faults(io.get_executor()),
      watches_end_(clock.now() + kube::WatchOptions().timeout),
      options_(std::move(options)),
      transport_(faults.around(std::shared_ptr<net::Transport>(std::shared_ptr<void>(), &api))),
      client_(*transport_, "test") {
  api.put("/api/v1/namespaces", parse(R"({"metadata":{"name":"s3-demo","uid":"namespace-uid"}})"));
  api.put(
      "/api/v1/configmaps",
      parse(R"({"metadata":{"name":"cluster-info","namespace":"default"},"data":{"id":"cluster-uuid"}})"));
  start();
}

World::~World() {
  stop();
}

void World::start() {
  ConnectBroker connect = [this](const net::Url& url,
                                 const net::ClientTls&) -> core::Result<std::unique_ptr<net::Transport>> {
    ScriptedBroker& scripted = url.host == "other.example.com" ? other_broker : broker;
    return faults.around(scripted.transport(clock));
  };
  controllers_ =
      std::make_unique<Controllers>(io.get_executor(), client_, clock, metrics, options_, std::move(connect));
  tasks_ = std::make_unique<async::TaskGroup>(io.get_executor());
  tasks_->spawn("controllers", controllers_->run());
}

void World::stop() {
  tasks_->cancel();
  fakes::run(io, tasks_->join());
  tasks_.reset();
  controllers_.reset();
}

void World::restart() {
  stop();
  start();
}

void World::end_watches() {
  api.end_watches();
  watches_end_ = clock.now() + kube::WatchOptions().timeout;
}

void World::tell_late(std::chrono::milliseconds delay) {
  lag_ = delay;
  api.hold_events(true);
}

async::Clock::TimePoint World::watches_tell() {
  if (lag_.count() == 0 || !api.has_held_events()) {
    watches_tell_.reset();
    return async::Clock::TimePoint::max();
  }
  if (!watches_tell_) watches_tell_ = clock.now() + lag_;
  return *watches_tell_;
}

void World::tell_held_events() {
  api.hold_events(false);
  api.hold_events(true);
  watches_tell_.reset();
}

void World::settle() {
  io.restart();
  while (io.poll() > 0) {
  }
  if (!faults.dead()) return;
  stop();
  faults.revive();
  start();
  settle();
}

std::string World::of(const kube::Resource& resource) {
  return catalog_path + resource.plural;
}

void World::create_broker(std::string_view patch) {
  api.put(of(resources::cluster_service_brokers),
          patched(parse(R"({"apiVersion":"servicecatalog.k8s.io/v1beta1","kind":"ClusterServiceBroker",
            "metadata":{"name":"aws","generation":1,"finalizers":["kubernetes-incubator/service-catalog"]},
            "spec":{"url":"https://aws.example.com","relistBehavior":"Duration","relistRequests":0}})"),
                  patch));
}

void World::create_instance(std::string_view patch) {
  json::object object = instance(patch);
  object["metadata"].as_object().erase("uid");
  api.put(of(resources::service_instances), std::move(object));
}

void World::create_binding(std::string_view patch) {
  json::object object = binding(patch);
  object["metadata"].as_object().erase("uid");
  api.put(of(resources::service_bindings), std::move(object));
}

void World::edit(const kube::Resource& resource, const std::string& name, std::string_view patch) {
  const json::object* found = api.find(of(resource), resource.namespaced ? "s3-demo" : "", name);
  json::object changed = patched(*found, patch);
  core::set(changed, {"metadata", "generation"}, kube::generation_of(changed) + 1);
  api.put(of(resource), std::move(changed));
}

void World::remove(const kube::Resource& resource, const std::string& name) {
  edit(resource, name, R"({"metadata":{"deletionTimestamp":"2026-01-31T10:00:00Z"}})");
}

const json::object* World::instance_now() const {
  return api.find(of(resources::service_instances), "s3-demo", "s3-bucket");
}
const json::object* World::binding_now() const {
  return api.find(of(resources::service_bindings), "s3-demo", "s3-binding");
}
const json::object* World::broker_now() const {
  return api.find(of(resources::cluster_service_brokers), "", "aws");
}
const json::object* World::secret_now(const std::string& name) const {
  return api.find("/api/v1/secrets", "s3-demo", name);
}

std::string World::reason(const json::object* object, std::string_view type) const {
  return object ? std::string(condition_reason(ObjectView(*object).status(), type)) : "(gone)";
}
std::string World::message(const json::object* object, std::string_view type) const {
  return object ? std::string(condition_message(ObjectView(*object).status(), type)) : "(gone)";
}

std::size_t World::writes(std::string_view resource) const {
  return static_cast<std::size_t>(std::ranges::count_if(api.requests(), [&](const net::Request& request) {
    return request.method != "GET" && request.target.contains(resource);
  }));
}

bool World::has_event(std::string_view reason) const {
  return std::ranges::any_of(api.requests(), [&](const net::Request& request) {
    return request.method == "POST" && request.target.ends_with("/events") &&
           request.body.contains("\"" + std::string(reason) + "\"");
  });
}

}  // namespace catalog
