#include "catalog/controllers/stores.hpp"

#include <algorithm>

#include "catalog/api/views.hpp"
#include "catalog/policies/ownership.hpp"
#include "catalog/policies/secret_transforms.hpp"

namespace catalog {

namespace {

using runtime::Informer;

// Only who owns a Secret and its version matter here: no secret is kept in memory.
void keep_metadata_only(json::object& secret) {
  json::object metadata;
  if (const json::object* full = core::find_object(secret, {"metadata"})) {
    for (std::string_view field : {"name", "namespace", "uid", "resourceVersion", "ownerReferences"}) {
      if (const json::value* value = full->if_contains(field)) metadata[field] = *value;
    }
  }
  secret = json::object{{"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", std::move(metadata)}};
}

std::string key_at(const json::object& object, core::Path path) {
  return Stores::index_key(kube::namespace_of(object), core::find_string(object, path));
}

runtime::InformerOptions announcing_again_every(std::chrono::milliseconds resync) {
  runtime::InformerOptions options;
  options.resync = resync;
  return options;
}

runtime::InformerOptions metadata_only() {
  runtime::InformerOptions options;
  options.transform = keep_metadata_only;
  return options;
}

void add_secrets_of_parameters(const OperatedView& object, std::vector<std::string>& keys) {
  const json::array* from = object.parameters_from();
  if (!from) return;
  for (const json::value& source : *from) {
    std::string_view name = core::find_string(source, {"secretKeyRef", "name"});
    if (!name.empty()) keys.push_back(Stores::index_key(kube::namespace_of(object.object()), name));
  }
}

void index_scope(Stores::OfScope& stores, const Scope& scope) {
  stores.brokers.store().add_index(indexes::by_secret,
                                   [](const json::object& object) -> std::vector<std::string> {
                                     std::optional<AuthReference> auth = BrokerView(object).auth();
                                     if (!auth) return {};
                                     return {Stores::index_key(auth->secret.namespace_, auth->secret.name)};
                                   });
  auto by_broker = [&scope](const json::object& object) -> std::vector<std::string> {
    return {key_at(object, {"spec", scope.broker_name_field})};
  };
  stores.classes.store().add_index(indexes::by_broker, by_broker);
  stores.plans.store().add_index(indexes::by_broker, by_broker);
  stores.classes.store().add_index(indexes::by_field, Stores::field_keys_of_class);
  stores.plans.store().add_index(indexes::by_class,
                                 [&scope](const json::object& object) -> std::vector<std::string> {
                                   return {key_at(object, {"spec", scope.class_fields.ref, "name"})};
                                 });
}

Stores::OfScope make_scope(const boost::asio::any_io_executor& executor, kube::Client& client,
                           async::Clock& clock, const Scope& scope, const runtime::InformerOptions& options) {
  return {.brokers = Informer(executor, client, clock, scope.brokers, options),
          .classes = Informer(executor, client, clock, scope.classes),
          .plans = Informer(executor, client, clock, scope.plans)};
}

// Where an instance's reference to a class or plan is resolved to `name`.
std::vector<std::string> resolved_key(const InstanceView& instance, std::string_view name) {
  if (name.empty()) return {};
  std::string_view namespace_ = kube::namespace_of(instance.object());
  return {Stores::index_key(Stores::namespace_in(instance.scope(), namespace_), name)};
}

}  // namespace

std::string Stores::class_field_key(const InstanceView& instance) {
  const Scope& scope = instance.scope();
  Reference reference = instance.class_reference();
  std::string_view field = "name";
  if (reference.field == scope.class_fields.external_name) field = "externalName";
  if (reference.field == scope.class_fields.external_id) field = "externalID";
  std::string key = index_key(namespace_in(scope, kube::namespace_of(instance.object())), field);
  return key.append("=").append(reference.value);
}

std::vector<std::string> Stores::field_keys_of_class(const json::object& service_class) {
  ClassView view(service_class);
  std::string start(kube::namespace_of(service_class));
  start += "/";
  return {start + "externalName=" + std::string(view.external_name()),
          start + "externalID=" + std::string(view.external_id()),
          start + "name=" + std::string(view.name())};
}

Stores::Stores(const boost::asio::any_io_executor& executor, kube::Client& client, async::Clock& clock,
               std::chrono::milliseconds resync)
    : cluster_(make_scope(executor, client, clock, cluster_scope(), announcing_again_every(resync))),
      namespaced_(make_scope(executor, client, clock, namespaced_scope(), announcing_again_every(resync))),
      instances_(executor, client, clock, resources::service_instances, announcing_again_every(resync)),
      bindings_(executor, client, clock, resources::service_bindings, announcing_again_every(resync)),
      secrets_(executor, client, clock, kube::resources::secrets, metadata_only()) {
  index_scope(cluster_, cluster_scope());
  index_scope(namespaced_, namespaced_scope());
  instances_.store().add_index(indexes::by_secret, [](const json::object& object) {
    std::vector<std::string> keys;
    add_secrets_of_parameters(InstanceView(object), keys);
    return keys;
  });
  instances_.store().add_index(indexes::by_external_id, external_ids_of_instance);
  bindings_.store().add_index(indexes::by_external_id, external_ids_of_binding);
  instances_.store().add_index(indexes::by_class, [](const json::object& object) {
    return resolved_key(InstanceView(object), InstanceView(object).class_ref());
  });
  instances_.store().add_index(indexes::by_plan, [](const json::object& object) {
    return resolved_key(InstanceView(object), InstanceView(object).plan_ref());
  });
  auto called = [](const json::object& object) -> std::vector<std::string> {
    if (InstanceView(object).class_reference().field.empty()) return {};
    return {class_field_key(InstanceView(object))};
  };
  instances_.store().add_index(indexes::by_field, called);
  instances_.store().add_index(indexes::without_plan, [called](const json::object& object) {
    return InstanceView(object).plan_ref().empty() ? called(object) : std::vector<std::string>();
  });
  bindings_.store().add_index(
      indexes::by_instance, [](const json::object& object) -> std::vector<std::string> {
        return {index_key(kube::namespace_of(object), BindingView(object).instance_name())};
      });
  bindings_.store().add_index(indexes::by_secret, [](const json::object& object) {
    BindingView binding(object);
    std::vector<std::string> keys{index_key(kube::namespace_of(object), binding.secret_name())};
    add_secrets_of_parameters(binding, keys);
    for (const kube::ObjectKey& key : secrets_to_add(binding))
      keys.push_back(index_key(key.namespace_, key.name));
    return keys;
  });
}

void Stores::saw_secret(json::object secret) {
  secrets_.apply_written(std::move(secret));
}

std::vector<Informer*> Stores::all() {
  std::vector<Informer*> informers{&instances_, &bindings_, &secrets_};
  for (OfScope* scope : {&cluster_, &namespaced_}) {
    informers.insert(informers.end(), {&scope->brokers, &scope->classes, &scope->plans});
  }
  return informers;
}

void Stores::spawn(async::TaskGroup& tasks) {
  for (Informer* informer : all()) tasks.spawn("informer " + informer->resource().plural, informer->run());
}

bool Stores::synced() const {
  auto informers = const_cast<Stores*>(this)->all();
  return std::ranges::all_of(informers, [](const Informer* informer) { return informer->has_synced(); });
}

async::Task<> Stores::wait_until_synced() {
  for (Informer* informer : all()) co_await informer->wait_until_synced();
}

std::vector<const json::object*> pointers(const std::vector<Object>& objects) {
  std::vector<const json::object*> result;
  result.reserve(objects.size());
  for (const Object& object : objects) result.push_back(object.get());
  return result;
}

}  // namespace catalog
