#include "apiserver/control_plane.hpp"

#include <array>

#include "apiserver/api.hpp"
#include "apiserver/cleanup/definition_cleaner.hpp"
#include "apiserver/cleanup/garbage_collector.hpp"
#include "apiserver/cleanup/housekeeping.hpp"
#include "apiserver/cleanup/namespace_cleaner.hpp"
#include "apiserver/core_kinds.hpp"
#include "apiserver/managed_fields.hpp"
#include "async/task_group.hpp"
#include "core/log.hpp"
#include "core/yaml.hpp"

namespace apiserver {

namespace {

constexpr std::array<std::string_view, 2> own_namespaces{"default", "kube-system"};
constexpr std::string_view own_manager = "service-catalog-local";

// Values under these prefixes are encrypted at rest.
std::vector<std::string> sealed_prefixes(const Registry& registry) {
  return {registry.find(kube::resources::secrets)->key_prefix()};
}

core::Result<json::object> read_definition(const std::string& text) {
  core::Result<json::value> parsed = core::parse_yaml(text);
  if (!parsed) return core::fail(std::move(parsed.error()));
  if (!parsed->is_object())
    return core::fail(core::ErrorKind::invalid, "a CustomResourceDefinition must be an object");
  return std::move(parsed->get_object());
}

}  // namespace

struct ControlPlane::State {
  State(boost::asio::any_io_executor loop, async::Clock& time, core::Metrics& all_metrics,
        ControlPlaneOptions given, Registry kinds, RevisionLog log, ServiceAccountTokens account_tokens)
      : executor(loop),
        clock(time),
        options(std::move(given)),
        registry(std::move(kinds)),
        store(loop, time, all_metrics, std::move(log), options.store_threads),
        writes(store, registry, time),
        authentication(store, registry, time, options.tokens, options.in_process_user,
                       std::move(account_tokens)),
        reviews(authentication, store, registry, time),
        resources(store, writes, time, options.bookmark_interval),
        api(registry, authentication, reviews, resources, time, all_metrics) {
    writes.on_definition([this](const json::object& crd, bool removed) { serve(crd, removed); });
  }

  void serve(const json::object& crd, bool removed) {
    core::Result<Kind> kind = kind_of_crd(crd);
    if (!kind) return;  // refused before it was stored
    if (removed) {
      registry.remove(kind->resource.group, kind->resource.plural);
    } else {
      registry.put(std::move(*kind));
    }
  }

  [[nodiscard]] core::Result<> put_now(const Kind& kind, json::object object);
  [[nodiscard]] core::Result<> bootstrap();
  [[nodiscard]] core::Result<> serve_stored_definitions();

  boost::asio::any_io_executor executor;
  async::Clock& clock;
  ControlPlaneOptions options;
  Registry registry;
  Store store;
  Writes writes;
  Authentication authentication;
  Reviews reviews;
  ResourceRoutes resources;
  Api api;
};

// Creates the object, or gives a stored one the spec of this version.
core::Result<> ControlPlane::State::put_now(const Kind& kind, json::object object) {
  const std::string now = core::to_rfc3339(clock.system_now());
  const std::string key = kind.key(kube::key_of(object));
  auto stored = store.log_now().get(key);
  if (!stored) return core::fail(std::move(stored.error()));
  Object previous;
  if (*stored) {
    Store::Found found = found_in(**stored);
    previous = std::move(found.object);
    if (found.is_lost) {  // what is ours is made anew
      core::log::error("A stored object cannot be read and is created again",
                       {{"object", key}, {"error", found.problem}});
      begin_life(kind, object, now);
      complete(kind, object, nullptr);
      Write write{.key = key,
                  .type = ChangeType::modified,
                  .object = std::make_shared<json::object>(std::move(object)),
                  .previous = previous};
      if (auto written = store.write_now(std::move(write)); !written) return core::fail(written.error());
      return {};
    }
    json::object next = *previous;
    if (const json::value* spec = object.if_contains("spec")) next["spec"] = *spec;
    complete(kind, next, previous.get());
    if (same_content(*previous, next)) return {};
    object = std::move(next);
  } else {
    begin_life(kind, object, now);
    complete(kind, object, nullptr);
  }
  track_update(kind, previous ? *previous : json::object(), object,
               {.name = std::string(own_manager), .subresource = "", .time = now});
  Write write{.key = key,
              .type = previous ? ChangeType::modified : ChangeType::added,
              .object = std::make_shared<json::object>(std::move(object)),
              .previous = previous};
  if (auto written = store.write_now(std::move(write)); !written) return core::fail(written.error());
  return {};
}

core::Result<> ControlPlane::State::bootstrap() {
  const KindPtr namespaces = registry.find(kube::resources::namespaces);
  for (const std::string_view name : own_namespaces) {
    json::object object{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}};
    if (auto put = put_now(*namespaces, std::move(object)); !put) return put;
  }
  const KindPtr definitions = registry.find(crd_resource);
  for (const std::string& text : options.crd_texts) {
    core::Result<json::object> crd = read_definition(text);
    if (!crd) return core::fail(std::move(crd.error()));
    if (auto kind = kind_of_crd(*crd); !kind) return core::fail(std::move(kind.error()));
    if (auto put = put_now(*definitions, std::move(*crd)); !put) return put;
  }
  return serve_stored_definitions();
}

core::Result<> ControlPlane::State::serve_stored_definitions() {
  const std::string prefix = registry.find(crd_resource)->key_prefix();
  std::vector<Object> definitions;
  auto scanned = store.log_now().scan(prefix, prefix, 0, [&](const Record& record) {
    Store::Found found = found_in(record);
    if (found.problem.empty()) {
      definitions.push_back(std::move(found.object));
    } else {
      core::log::error("A stored CustomResourceDefinition cannot be read: its objects are not served",
                       {{"object", record.key}, {"error", found.problem}});
    }
    return true;
  });
  if (!scanned) return scanned;
  for (const Object& definition : definitions) serve(*definition, false);
  return {};
}

ControlPlane::ControlPlane(std::unique_ptr<State> state) : state_(std::move(state)) {}
ControlPlane::~ControlPlane() = default;

core::Result<std::unique_ptr<ControlPlane>> ControlPlane::open(boost::asio::any_io_executor executor,
                                                               async::Clock& clock, core::Metrics& metrics,
                                                               ControlPlaneOptions options) {
  Registry registry = Registry::with_core_kinds();
  core::Result<core::Sealer> sealer = core::Sealer::from_key_file(options.data_dir + "/state.key");
  if (!sealer) return core::fail(std::move(sealer.error()));
  auto log = RevisionLog::open(options.data_dir + "/state.db", std::move(*sealer), sealed_prefixes(registry));
  if (!log) return core::fail(std::move(log.error()));
  auto tokens = ServiceAccountTokens::from_key_file(options.data_dir + "/tokens.key");
  if (!tokens) return core::fail(std::move(tokens.error()));
  auto state = std::make_unique<State>(std::move(executor), clock, metrics, std::move(options),
                                       std::move(registry), std::move(*log), std::move(*tokens));
  if (auto ready = state->bootstrap(); !ready) return core::fail(std::move(ready.error()));
  return std::unique_ptr<ControlPlane>(new ControlPlane(std::move(state)));
}

void ControlPlane::set_admission(Admission& admission) {
  state_->writes.set_admission(&admission);
}

net::Handler ControlPlane::handler() {
  return [state = state_.get()](const net::Request& request) { return state->api.handle(request); };
}

async::Task<> ControlPlane::run() {
  State& state = *state_;
  GarbageCollector garbage_collector(state.store, state.writes, state.registry, state.clock);
  NamespaceCleaner namespace_cleaner(state.store, state.writes, state.registry, state.clock);
  DefinitionCleaner definition_cleaner(state.store, state.writes, state.registry, state.clock);
  Housekeeping housekeeping(state.store, state.registry, state.clock,
                            {.events = state.options.event_ttl, .history = state.options.history});
  async::TaskGroup tasks(state.executor);
  tasks.spawn("store", state.store.run());
  tasks.spawn("garbage collector", garbage_collector.run());
  tasks.spawn("namespace cleaner", namespace_cleaner.run());
  tasks.spawn("definition cleaner", definition_cleaner.run());
  tasks.spawn("housekeeping", housekeeping.run());
  state.api.set_ready(true);
  try {
    co_await tasks.join();
  } catch (...) {
    state.api.set_ready(false);
    throw;
  }
}

}  // namespace apiserver
