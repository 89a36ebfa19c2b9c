#include "catalog/controllers/gather.hpp"

#include "catalog/api/reasons.hpp"
#include "catalog/policies/resolution.hpp"
#include "core/hash.hpp"
#include "runtime/controller.hpp"

namespace catalog {

namespace {

// The shared object that one of its pointers stands for.
Object shared(const std::vector<Object>& objects, const json::object* chosen) {
  for (const Object& object : objects) {
    if (object.get() == chosen) return object;
  }
  return nullptr;
}

std::vector<Object> matching_classes(Stores& stores, const InstanceView& instance) {
  return stores.of(instance.scope())
      .classes.store()
      .by_index(indexes::by_field, Stores::class_field_key(instance));
}

// The class that the instance was resolved to, or those that it may mean.
std::vector<Object> known_classes(Stores& stores, const InstanceView& instance) {
  const Scope& scope = instance.scope();
  std::string namespace_ = Stores::namespace_in(scope, kube::namespace_of(instance.object()));
  if (!instance.class_ref().empty()) {
    Object found = stores.of(scope).classes.store().get({namespace_, std::string(instance.class_ref())});
    if (found) return {found};
  }
  return matching_classes(stores, instance);
}

std::expected<Object, Problem> find_class(Stores& stores, const InstanceView& instance) {
  const Scope& scope = instance.scope();
  runtime::Store& classes = stores.of(scope).classes.store();
  std::string namespace_ = Stores::namespace_in(scope, kube::namespace_of(instance.object()));
  std::vector<Object> matching = known_classes(stores, instance);
  if (matching.size() == 1) return matching.front();
  std::vector<std::string> names;
  if (matching.empty()) {
    for (const Object& known : classes.list(namespace_))
      names.emplace_back(ClassView(*known).external_name());
  }
  auto chosen = choose_class(instance, pointers(matching), names);
  if (!chosen) return std::unexpected(chosen.error());
  return shared(matching, *chosen);
}

std::expected<Object, Problem> find_plan(Stores& stores, const InstanceView& instance,
                                         const Object& service_class) {
  const Scope& scope = instance.scope();
  std::string namespace_ = Stores::namespace_in(scope, kube::namespace_of(instance.object()));
  runtime::Store& plans = stores.of(scope).plans.store();
  if (!instance.plan_ref().empty()) {
    if (Object found = plans.get({namespace_, std::string(instance.plan_ref())})) return found;
  }
  std::vector<Object> of_class =
      plans.by_index(indexes::by_class, Stores::index_key(namespace_, kube::name_of(*service_class)));
  auto chosen = choose_plan(instance, ClassView(*service_class), pointers(of_class));
  if (!chosen) return std::unexpected(chosen.error());
  return shared(of_class, *chosen);
}

async::Task<std::expected<std::shared_ptr<BrokerSession>, Problem>> session_of_broker(Context& context,
                                                                                      const Scope& scope,
                                                                                      kube::ObjectKey key) {
  Object broker = context.stores.of(scope).brokers.store().get(key);
  if (!broker) {
    co_return std::unexpected(Problem(reasons::references_nonexistent_broker,
                                      "The instance needs the " + scope.brokers.kind + " \"" + key.name +
                                          "\", which does not exist: create it again."));
  }
  co_return co_await context.brokers.session(scope, std::move(broker));
}

}  // namespace

kube::ObjectKey broker_key(const InstanceView& instance, std::string_view name) {
  return {Stores::namespace_in(instance.scope(), kube::namespace_of(instance.object())), std::string(name)};
}

std::optional<kube::ObjectKey> broker_of(Stores& stores, const InstanceView& instance) {
  std::vector<Object> classes = known_classes(stores, instance);
  if (!classes.empty())
    return broker_key(instance, ClassView(*classes.front()).broker_name(instance.scope()));
  if (instance.broker_name().empty()) return std::nullopt;
  return broker_key(instance, instance.broker_name());
}

std::chrono::milliseconds polling_limit(const Context& context, const InstanceView& instance) {
  std::chrono::milliseconds limit = context.options.reconciliation_retry_duration;
  const Scope& scope = instance.scope();
  kube::ObjectKey key{Stores::namespace_in(scope, kube::namespace_of(instance.object())),
                      std::string(instance.plan_ref())};
  Object plan = context.stores.of(scope).plans.store().get(key);
  auto of_plan = plan ? PlanView(*plan).maximum_polling_duration() : std::nullopt;
  return of_plan ? std::min<std::chrono::milliseconds>(limit, *of_plan) : limit;
}

std::expected<ClassAndPlan, Problem> resolve(Stores& stores, const InstanceView& instance) {
  auto service_class = find_class(stores, instance);
  if (!service_class) return std::unexpected(service_class.error());
  auto plan = find_plan(stores, instance, *service_class);
  if (!plan) return std::unexpected(plan.error());
  return ClassAndPlan{std::move(*service_class), std::move(*plan)};
}

async::Task<std::expected<std::shared_ptr<BrokerSession>, Problem>> session_of_class(Context& context,
                                                                                     Object instance,
                                                                                     Object service_class) {
  InstanceView view(*instance);
  kube::ObjectKey key = broker_key(view, ClassView(*service_class).broker_name(view.scope()));
  co_return co_await session_of_broker(context, view.scope(), std::move(key));
}

bool is_unproven(Stores& stores, const InstanceView& instance) {
  if (!instance.has_status_of_another()) return false;
  auto resolved = resolve(stores, instance);
  return resolved && ClassView(*resolved->service_class).instances_retrievable();
}

async::Task<std::expected<BrokerTarget, Problem>> locate(Context& context, Object instance) {
  InstanceView view(*instance);
  const Scope& scope = view.scope();
  std::string namespace_ = Stores::namespace_in(scope, kube::namespace_of(*instance));
  auto service_class = find_class(context.stores, view);
  Object plan = context.stores.of(scope).plans.store().get({namespace_, std::string(view.plan_ref())});
  Object offered = service_class ? *service_class : plan;  // both name their broker
  std::string_view broker = offered ? ClassView(*offered).broker_name(scope) : view.broker_name();
  if (broker.empty()) co_return std::unexpected(service_class.error());
  kube::ObjectKey key = broker_key(view, broker);
  auto session = co_await session_of_broker(context, scope, std::move(key));
  if (!session) co_return std::unexpected(session.error());

  BrokerTarget target{
      .session = std::move(*session), .service_id = {}, .plan_id = std::string(view.plan_id_at_broker())};
  target.service_id = service_class ? ClassView(**service_class).external_id() : view.class_ref();
  if (target.plan_id.empty() && plan) target.plan_id = PlanView(*plan).external_id();
  if (target.plan_id.empty()) target.plan_id = view.plan_ref();
  co_return target;
}

std::string secret_versions(Stores& stores, const OperatedView& object) {
  std::string versions;
  const json::array* sources = object.parameters_from();
  json::array none;
  for (const json::value& source : sources ? *sources : none) {
    kube::ObjectKey key{std::string(kube::namespace_of(object.object())),
                        std::string(core::find_string(source, {"secretKeyRef", "name"}))};
    Object secret = stores.secrets().store().get(key);
    versions += key.name + "=" + (secret ? std::string(kube::resource_version_of(*secret)) : "") + ";";
  }
  return versions;
}

bool has_new_secrets(Stores& stores, const OperatedView& object) {
  std::optional<std::string_view> handled = object.handled_secret_versions();
  return handled && secret_versions(stores, object) != *handled;
}

async::Task<core::Result<std::expected<MergedParameters, Problem>>> gather_parameters(Context& context,
                                                                                      Object object,
                                                                                      json::object defaults) {
  using Gathered = std::expected<MergedParameters, Problem>;
  OperatedView view(*object);
  std::string versions;
  std::vector<SecretParameters> from_secrets;
  json::array none;
  const json::array* sources = view.parameters_from();
  for (const json::value& source : sources ? *sources : none) {
    SecretParameters read{.secret = std::string(core::find_string(source, {"secretKeyRef", "name"})),
                          .key = std::string(core::find_string(source, {"secretKeyRef", "key"})),
                          .value = std::nullopt};
    kube::ObjectKey key{std::string(kube::namespace_of(*object)), read.secret};
    core::Result<json::object> secret = co_await context.client.get(kube::resources::secrets, key);
    if (!secret && secret.error().kind != core::ErrorKind::not_found) {
      if (runtime::is_transient(secret.error())) co_return core::fail(secret.error());
      co_return Gathered(std::unexpected(
          Problem(reasons::error_with_parameters,
                  "Secret \"" + read.secret + "\" cannot be read: " + secret.error().message)));
    }
    versions += read.secret + "=" + (secret ? std::string(kube::resource_version_of(*secret)) : "") + ";";
    if (secret) {
      core::Result<std::string> decoded = core::base64_decode(core::find_string(*secret, {"data", read.key}));
      if (decoded && core::find(*secret, {"data", read.key})) read.value = std::move(*decoded);
      context.stores.saw_secret(std::move(*secret));
    }
    from_secrets.push_back(std::move(read));
  }
  Gathered merged = merge_parameters(defaults, view.parameters(), from_secrets);
  if (merged) merged->secret_versions = std::move(versions);
  co_return merged;
}

std::optional<osb::OriginatingIdentity> identity_of(const OperatedView& object) {
  const json::object* user = object.user_info();
  if (!user) return std::nullopt;
  json::object value{{"username", ""}, {"uid", ""}, {"groups", json::array()}, {"extra", json::object()}};
  for (const json::key_value_pair& member : *user) value[member.key()] = member.value();
  return osb::OriginatingIdentity{.platform = "kubernetes", .value = std::move(value)};
}

}  // namespace catalog
