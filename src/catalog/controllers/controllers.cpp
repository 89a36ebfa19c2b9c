#include "catalog/controllers/controllers.hpp"

#include "async/task_group.hpp"
#include "catalog/api/annotations.hpp"
#include "catalog/api/conditions.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/binding/reconciler.hpp"
#include "catalog/controllers/broker/reconciler.hpp"
#include "catalog/controllers/cluster_id.hpp"
#include "catalog/controllers/external_ids.hpp"
#include "catalog/controllers/instance/reconciler.hpp"
#include "catalog/controllers/operation_gauges.hpp"
#include "catalog/policies/ownership.hpp"
#include "core/log.hpp"
#include "net/client.hpp"

namespace catalog {

namespace {

using runtime::Change;
using Keys = std::vector<kube::ObjectKey>;

std::vector<kube::ObjectKey> keys_of(const std::vector<Object>& objects) {
  Keys keys;
  keys.reserve(objects.size());
  for (const Object& object : objects) keys.push_back(kube::key_of(*object));
  return keys;
}

std::string secret_key(const Change& change) {
  return Stores::index_key(kube::namespace_of(change.newest()), kube::name_of(change.newest()));
}

// An object that is announced again as it was.
bool is_resync(const Change& change) {
  return change.before && change.before == change.after;
}

// A user touched an annotation of the catalog on an object that is being deleted: a wish for another try.
bool asks_again(const Change& change) {
  if (!change.before || !change.after || !kube::is_being_deleted(*change.after)) return false;
  return catalog_annotations(*change.before) != catalog_annotations(*change.after);
}

// An instance that could not be linked to what the broker has is told where that came from.
bool names_other_origin(const Change& change) {
  if (!change.before || !change.after) return false;
  InstanceView instance(*change.after);
  bool waits = instance.failed() && instance.provision_status() != "Provisioned";
  return waits && annotation(*change.before, annotations::adopt_from) !=
                      annotation(*change.after, annotations::adopt_from);
}

// Of a plan: its instances can be upgraded now, or not any more.
bool offers_other_version(const Change& change) {
  if (!change.after) return false;
  core::Path version{"spec", "maintenanceInfo", "version"};
  return !change.before ||
         core::find_string(*change.before, version) != core::find_string(*change.after, version);
}

bool became_ready(const Change& change) {
  if (!change.after || !condition_is_true(ObjectView(*change.after).status(), condition_type::ready))
    return false;
  return !change.before || !condition_is_true(ObjectView(*change.before).status(), condition_type::ready);
}

bool spec_changed(const Change& change) {
  return !change.before || !change.after ||
         kube::generation_of(*change.before) != kube::generation_of(*change.after);
}

// Of the instances those whose class has that scope, and that wait for something or failed by it; one that is
// polled cannot be without its broker.
Keys unsettled(const Scope& scope, const std::vector<Object>& instances) {
  Keys keys;
  for (const Object& object : instances) {
    InstanceView instance(*object);
    bool waits = phase_of(instance) != InstancePhase::settled || gave_up_removing(instance);
    if (waits && &instance.scope() == &scope) keys.push_back(instance.key());
  }
  return keys;
}

// Of the controller of one informer's objects. What the API server refuses it tells on the object.
runtime::ControllerOptions options_of(std::string name, std::size_t concurrency, Context& context,
                                      runtime::Informer& informer,
                                      std::function<std::string(const kube::ObjectKey&)> group_of = {}) {
  runtime::ControllerOptions options;
  options.name = std::move(name);
  options.concurrency = concurrency;
  options.metrics = &context.metrics;
  options.group_of = std::move(group_of);
  options.on_refusal = [&context, &informer](const kube::ObjectKey& key, const core::Error& error) {
    Object object = informer.store().get(key);
    if (!object) return;
    context.events.record(
        *object, runtime::EventType::warning, reasons::error_reconciling,
        "The API server refused a request of the controller, which will be tried again: " + error.message);
  };
  return options;
}

runtime::EventRecorderOptions recorder_options() {
  runtime::EventRecorderOptions options;
  options.component = "service-catalog-controller-manager";
  return options;
}

}  // namespace

ConnectBroker connect_over_network(boost::asio::any_io_executor executor) {
  return [executor = std::move(executor)](
             const net::Url& broker,
             const net::ClientTls& tls) -> core::Result<std::unique_ptr<net::Transport>> {
    net::ClientOptions options;
    options.tls = tls;
    options.user_agent = "service-catalog";
    core::Result<std::unique_ptr<net::Client>> client =
        net::Client::create(executor, broker, std::move(options));
    if (!client) return core::fail(client.error());
    return std::unique_ptr<net::Transport>(std::move(*client));
  };
}

struct Controllers::State {
  State(const boost::asio::any_io_executor& loop, kube::Client& client, async::Clock& clock,
        core::Metrics& metrics, ControllerOptions given, ConnectBroker connect)
      : executor(loop),
        options(std::move(given)),
        stores(loop, client, clock, options.resync_interval),
        recorder(loop, client, clock, recorder_options()),
        brokers(
            loop, client, clock, stores, metrics, options,
            connect ? std::move(connect) : connect_over_network(loop),
            [this](const Scope& scope, const kube::ObjectKey& broker) { refetch_catalog(scope, broker); }),
        cluster_id(client, options.cluster_id_config_map),
        external_ids(stores),
        context{client, clock, metrics, options, stores, recorder, brokers, cluster_id, external_ids},
        of_cluster(loop, context, cluster_scope()),
        of_namespaces(loop, context, namespaced_scope()),
        instance_reconciler(context),
        binding_reconciler(context),
        instances(loop, clock, instance_reconciler,
                  options_of("service-instance", syncs(), context, stores.instances(),
                             [this](const kube::ObjectKey& key) { return broker_of_instance(key); })),
        bindings(loop, clock, binding_reconciler,
                 options_of("service-binding", syncs(), context, stores.bindings(),
                            [this](const kube::ObjectKey& key) { return broker_of_binding(key); })) {
    for (BrokerController* brokers_of_scope : {&of_cluster, &of_namespaces}) wire(*brokers_of_scope);
    context.refetch_catalog = [this](const Scope& scope, const kube::ObjectKey& broker) {
      refetch_catalog(scope, broker);
    };
    wire_instances();
    wire_bindings();
    operation_gauges = metrics.before_render(
        [this] { show_operations(context.metrics, stores, context.clock.system_now()); });
  }

  struct BrokerController {
    BrokerController(const boost::asio::any_io_executor& loop, Context& context, const Scope& its_scope)
        : scope(its_scope),
          reconciler(context, its_scope),
          controller(loop, context.clock, reconciler,
                     options_of(scope.namespaced() ? "service-broker" : "cluster-service-broker",
                                context.options.concurrent_syncs * workers_per_sync, context,
                                context.stores.of(its_scope).brokers)) {}
    const Scope& scope;
    BrokerReconciler reconciler;
    runtime::Controller controller;
  };

  // Reconciles mostly wait for brokers. One broker gets half of the workers at most.
  static constexpr std::size_t workers_per_sync = 16;
  [[nodiscard]] std::size_t syncs() const { return options.concurrent_syncs * workers_per_sync; }

  void refetch_catalog(const Scope& scope, const kube::ObjectKey& broker);
  [[nodiscard]] std::string broker_of_instance(const kube::ObjectKey& instance);
  [[nodiscard]] std::string broker_of_binding(const kube::ObjectKey& binding);
  void wire(BrokerController& broker);
  void wire_instances();
  void wire_bindings();
  [[nodiscard]] async::Task<> run(runtime::Controller& controller);
  [[nodiscard]] Object class_of_plan(const Scope& scope, const json::object& plan);
  [[nodiscard]] std::vector<Object> instances_concerned(const json::object& class_or_plan,
                                                        const char* by_object, const char* by_words,
                                                        const Object& service_class);
  [[nodiscard]] Keys unsettled_bindings(const Object& service_class);
  template <class View>
  [[nodiscard]] Keys with_rivals(runtime::Informer& informer, const Change& change,
                                 std::vector<std::string> (*ids_of)(const json::object&));
  void tell_left_behind(const json::object& gone, bool something, std::string_view what);
  [[nodiscard]] Keys instances_of_broker(const Scope& scope, const Change& broker);
  [[nodiscard]] bool may_use(const Scope& scope, const kube::ObjectKey& instance,
                             const kube::ObjectKey& broker);

  boost::asio::any_io_executor executor;
  ControllerOptions options;
  Stores stores;
  runtime::EventRecorder recorder;
  BrokerClients brokers;
  ClusterId cluster_id;
  ExternalIds external_ids;
  Context context;
  BrokerController of_cluster, of_namespaces;
  InstanceReconciler instance_reconciler;
  BindingReconciler binding_reconciler;
  runtime::Controller instances, bindings;
  std::shared_ptr<void> operation_gauges;
};

// What is known of the catalog is old; or the broker has stopped or begun to work, and then its condition has
// to say so and what waits for it to go on.
void Controllers::State::refetch_catalog(const Scope& scope, const kube::ObjectKey& broker) {
  BrokerController& of_scope = scope.namespaced() ? of_namespaces : of_cluster;
  of_scope.reconciler.fetch_now(broker);
  of_scope.controller.enqueue(broker);
}

std::string Controllers::State::broker_of_instance(const kube::ObjectKey& key) {
  Object object = stores.instances().store().get(key);
  if (!object) return {};
  InstanceView instance(*object);
  auto broker = broker_of(stores, instance);
  return broker ? instance.scope().brokers.kind + "/" + broker->to_string() : std::string();
}

std::string Controllers::State::broker_of_binding(const kube::ObjectKey& key) {
  Object binding = stores.bindings().store().get(key);
  if (!binding) return {};
  return broker_of_instance({key.namespace_, std::string(BindingView(*binding).instance_name())});
}

// Brokers: their own changes, their Secrets', and an instance that leaves a broker or a plan which has waited
// for that to go.
void Controllers::State::wire(BrokerController& broker) {
  broker.controller.watch(stores.of(broker.scope).brokers);
  broker.controller.watch(stores.secrets(), [this, &broker](const Change& change) {
    Keys keys =
        keys_of(stores.of(broker.scope).brokers.store().by_index(indexes::by_secret, secret_key(change)));
    for (const kube::ObjectKey& key : keys) broker.reconciler.fetch_now(key);
    return keys;
  });
  broker.controller.watch(stores.instances(), [this, &broker](const Change& change) -> Keys {
    if (!change.before || &InstanceView(*change.before).scope() != &broker.scope) return {};
    InstanceView left(*change.before);
    if (!change.after) {
      std::optional<kube::ObjectKey> key = broker_of(stores, left);
      Object going = key ? stores.of(broker.scope).brokers.store().get(*key) : nullptr;
      if (going && kube::is_being_deleted(*going)) return {*key};
    }
    if (change.after && InstanceView(*change.after).plan_ref() == left.plan_ref()) return {};
    std::string namespace_ = Stores::namespace_in(broker.scope, kube::namespace_of(*change.before));
    Object plan = stores.of(broker.scope).plans.store().get({namespace_, std::string(left.plan_ref())});
    if (!plan || !PlanView(*plan).removed_from_catalog()) return {};
    return {{namespace_, std::string(PlanView(*plan).broker_name(broker.scope))}};
  });
}

// What is not listed yet would be taken for what does not exist: no object is judged before.
async::Task<> Controllers::State::run(runtime::Controller& controller) {
  co_await stores.wait_until_synced();
  co_await controller.run();
}

Object Controllers::State::class_of_plan(const Scope& scope, const json::object& plan) {
  return stores.of(scope).classes.store().get(
      {std::string(kube::namespace_of(plan)), std::string(PlanView(plan).class_name(scope))});
}

// Those that refer to the class or plan (by_object: by_class, by_plan), or call for the class by its words.
std::vector<Object> Controllers::State::instances_concerned(const json::object& class_or_plan,
                                                            const char* by_object, const char* by_words,
                                                            const Object& service_class) {
  runtime::Store& known = stores.instances().store();
  std::vector<Object> concerned = known.by_index(
      by_object, Stores::index_key(kube::namespace_of(class_or_plan), kube::name_of(class_or_plan)));
  for (const std::string& key : Stores::field_keys_of_class(*service_class)) {
    std::vector<Object> calling = known.by_index(by_words, key);
    concerned.insert(concerned.end(), calling.begin(), calling.end());
  }
  return concerned;
}

// Those of instances of the class: they may have waited for it, its broker or its plan.
Keys Controllers::State::unsettled_bindings(const Object& service_class) {
  Keys keys;
  for (const Object& instance :
       instances_concerned(*service_class, indexes::by_class, indexes::by_field, service_class)) {
    for (const Object& binding : stores.bindings().store().by_index(
             indexes::by_instance,
             Stores::index_key(kube::namespace_of(*instance), kube::name_of(*instance)))) {
      if (phase_of(BindingView(*binding)) != BindingPhase::settled) keys.push_back(kube::key_of(*binding));
    }
  }
  return keys;
}

bool Controllers::State::may_use(const Scope& scope, const kube::ObjectKey& instance,
                                 const kube::ObjectKey& broker) {
  Object object = stores.instances().store().get(instance);
  if (!object) return false;
  Object service_class = stores.of(scope).classes.store().get(
      {Stores::namespace_in(scope, instance.namespace_), std::string(InstanceView(*object).class_ref())});
  if (!service_class) return true;  // not known yet
  return ClassView(*service_class).broker_name(scope) == broker.name &&
         kube::namespace_of(*service_class) == broker.namespace_;
}

Keys Controllers::State::instances_of_broker(const Scope& scope, const Change& broker) {
  if (!stores.synced() || is_resync(broker) || (!became_ready(broker) && !spec_changed(broker))) return {};
  Keys keys = unsettled(scope, stores.instances().store().list());
  std::erase_if(keys, [&](const kube::ObjectKey& key) { return !may_use(scope, key, broker.key()); });
  for (const kube::ObjectKey& key : keys) {
    instance_reconciler.hurry(key);
    for (const Object& binding : stores.bindings().store().by_index(
             indexes::by_instance, Stores::index_key(key.namespace_, key.name))) {
      binding_reconciler.hurry(kube::key_of(*binding));
      bindings.enqueue(kube::key_of(*binding));
    }
  }
  return keys;
}

// The object, and the others that name the same external id where it has made way for them or may have: it
// came, went, let go, or has come further with the broker.
template <class View>
Keys Controllers::State::with_rivals(runtime::Informer& informer, const Change& change,
                                     std::vector<std::string> (*ids_of)(const json::object&)) {
  Keys keys{change.key()};
  if (is_resync(change)) return keys;
  bool held = change.before && holds_its_ids(View(*change.before));
  bool holds = change.after && holds_its_ids(View(*change.after));
  if (held && !holds) external_ids.forget(*change.before);
  bool as_before = change.before && change.after && held == holds &&
                   standing_of(View(*change.before)) == standing_of(View(*change.after)) &&
                   ids_of(*change.before) == ids_of(*change.after);
  if (as_before) return keys;
  for (const Object& version : {change.before, change.after}) {
    if (!version) continue;
    for (const std::string& id : ids_of(*version)) {
      for (const Object& rival : informer.store().by_index(indexes::by_external_id, id)) {
        if (kube::key_of(*rival) != keys.front()) keys.push_back(kube::key_of(*rival));
      }
    }
  }
  return keys;
}

// Somebody has taken the finalizer away while there was something left to do: not without a word.
void Controllers::State::tell_left_behind(const json::object& gone, bool something, std::string_view what) {
  if (!something || !stores.synced()) return;
  std::string message =
      "The object was deleted without its finalizer; the broker was not told about it and may still have " +
      std::string(what) + " " + std::string(OperatedView(gone).external_id());
  core::log::warn("An object was deleted without its finalizer",
                  {{"object", kube::key_of(gone).to_string()}, {"kind", core::find_string(gone, {"kind"})}});
  recorder.record(gone, runtime::EventType::warning, reasons::left_behind, message);
}

void Controllers::State::wire_instances() {
  instances.watch(stores.instances(), [this](const Change& change) -> Keys {
    if (asks_again(change) || names_other_origin(change)) instance_reconciler.hurry(change.key());
    if (!change.after)
      tell_left_behind(*change.before, has_something_at_broker(InstanceView(*change.before)), "the instance");
    return with_rivals<InstanceView>(stores.instances(), change, external_ids_of_instance);
  });
  instances.watch(stores.bindings(), [](const Change& change) -> Keys {
    if (change.after) return {};
    return {{std::string(kube::namespace_of(*change.before)),
             std::string(BindingView(*change.before).instance_name())}};
  });
  instances.watch(stores.secrets(), [this](const Change& change) -> Keys {
    if (!stores.synced() || is_resync(change)) return {};
    std::vector<Object> concerned =
        stores.instances().store().by_index(indexes::by_secret, secret_key(change));
    for (const Object& instance : concerned) {
      // Otherwise status tells whether it is another version than the last call was made with.
      if (!InstanceView(*instance).handled_secret_versions())
        instance_reconciler.hurry(kube::key_of(*instance));
    }
    return keys_of(concerned);
  });
  for (const Scope* scope : {&cluster_scope(), &namespaced_scope()}) {
    instances.watch(stores.of(*scope).classes, [this, scope](const Change& change) -> Keys {
      if (!stores.synced() || is_resync(change)) return {};
      Object service_class = change.after ? change.after : change.before;
      return unsettled(
          *scope, instances_concerned(*service_class, indexes::by_class, indexes::by_field, service_class));
    });
    // A plan that comes with its class comes before it: the class announces them both.
    instances.watch(stores.of(*scope).plans, [this, scope](const Change& change) -> Keys {
      if (!stores.synced() || is_resync(change)) return {};
      const json::object& plan = change.newest();
      Object service_class = class_of_plan(*scope, plan);
      if (!service_class) return {};
      return unsettled(*scope,
                       instances_concerned(plan, indexes::by_plan, indexes::without_plan, service_class));
    });
    instances.watch(stores.of(*scope).plans, [this](const Change& change) -> Keys {
      if (!stores.synced() || is_resync(change) || !offers_other_version(change)) return {};
      kube::ObjectKey plan = change.key();
      return keys_of(stores.instances().store().by_index(indexes::by_plan,
                                                         Stores::index_key(plan.namespace_, plan.name)));
    });
    instances.watch(stores.of(*scope).brokers,
                    [this, scope](const Change& change) { return instances_of_broker(*scope, change); });
  }
}

void Controllers::State::wire_bindings() {
  bindings.watch(stores.bindings(), [this](const Change& change) -> Keys {
    if (asks_again(change)) binding_reconciler.hurry(change.key());
    if (!change.after)
      tell_left_behind(*change.before, has_something_at_broker(BindingView(*change.before)),
                       "the credentials of");
    return with_rivals<BindingView>(stores.bindings(), change, external_ids_of_binding);
  });
  for (const Scope* scope : {&cluster_scope(), &namespaced_scope()}) {
    bindings.watch(stores.of(*scope).brokers, [this, scope](const Change& change) -> Keys {
      if (change.before || !stores.synced()) return {};
      Keys keys;
      for (const Object& service_class : stores.of(*scope).classes.store().by_index(
               indexes::by_broker, Stores::index_key(change.key().namespace_, change.key().name)))
        std::ranges::move(unsettled_bindings(service_class), std::back_inserter(keys));
      return keys;
    });
    bindings.watch(stores.of(*scope).classes, [this](const Change& change) {
      bool comes = !change.before && stores.synced();
      return comes ? unsettled_bindings(change.after) : Keys();
    });
    bindings.watch(stores.of(*scope).plans, [this, scope](const Change& change) -> Keys {
      if (change.before || !stores.synced()) return {};
      Object service_class = class_of_plan(*scope, *change.after);
      return service_class ? unsettled_bindings(service_class) : Keys();
    });
  }
  bindings.watch(stores.instances(), [this](const Change& change) {
    kube::ObjectKey key = change.key();
    return keys_of(stores.bindings().store().by_index(indexes::by_instance,
                                                      Stores::index_key(key.namespace_, key.name)));
  });
  bindings.watch(stores.secrets(), [this](const Change& change) {
    Keys keys = keys_of(stores.bindings().store().by_index(indexes::by_secret, secret_key(change)));
    for (const kube::ObjectKey& key : keys) binding_reconciler.hurry(key);
    return keys;
  });
}

Controllers::Controllers(const boost::asio::any_io_executor& executor, kube::Client& client,
                         async::Clock& clock, core::Metrics& metrics, ControllerOptions options,
                         ConnectBroker connect)
    : state_(std::make_unique<State>(executor, client, clock, metrics, std::move(options),
                                     std::move(connect))) {}

Controllers::~Controllers() = default;

async::Task<> Controllers::run() {
  async::TaskGroup tasks(state_->executor);
  state_->stores.spawn(tasks);
  tasks.spawn("event recorder", state_->recorder.run());
  tasks.spawn("cluster broker controller", state_->run(state_->of_cluster.controller));
  tasks.spawn("broker controller", state_->run(state_->of_namespaces.controller));
  tasks.spawn("instance controller", state_->run(state_->instances));
  tasks.spawn("binding controller", state_->run(state_->bindings));
  co_await tasks.join();
}

bool Controllers::synced() const {
  return state_->stores.synced();
}

}  // namespace catalog
