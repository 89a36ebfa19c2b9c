#include "catalog/admission/admission.hpp"

#include "catalog/admission/binding_spec.hpp"
#include "catalog/admission/external_ids.hpp"
#include "catalog/admission/facts.hpp"

namespace catalog::admission {

namespace {

// Another Secret, or another receiver of the same: who turns a broker's address to himself reads what is
// sent.
bool sends_secrets_elsewhere(const BrokerView& before, const BrokerView& after) {
  std::optional<AuthReference> old = before.auth();
  return !old || old->secret != after.auth()->secret || before.url() != after.url() ||
         before.insecure_skip_tls_verify() != after.insecure_skip_tls_verify() ||
         before.ca_bundle() != after.ca_bundle();
}

async::Task<core::Result<BrokerFacts>> gather_for_broker(const Request& request, Lookup& lookup) {
  BrokerFacts facts;
  std::optional<AuthReference> auth = BrokerView(request.object).auth();
  if (!auth || auth->secret.name.empty() || auth->secret.namespace_.empty()) co_return facts;
  if (!sends_secrets_elsewhere(BrokerView(request.old_object), BrokerView(request.object))) co_return facts;
  User user = request.user;
  kube::ObjectKey secret = auth->secret;
  core::Result<bool> allowed = co_await lookup.may_read_secret(std::move(user), std::move(secret));
  if (!allowed) co_return core::fail(allowed.error());
  facts.may_read_auth_secret = *allowed;
  co_return facts;
}

async::Task<core::Result<InstanceFacts>> gather_for_instance(const Request& request, Lookup& lookup) {
  InstanceFacts facts;
  auto id_holder = co_await holder_of_id(request, lookup);
  if (!id_holder) co_return core::fail(id_holder.error());
  facts.id_holder = std::move(*id_holder);
  InstanceView instance(request.object);
  const Scope& scope = instance.scope();
  Reference reference = instance.class_reference();
  if (reference.field.empty() || instance.deleting()) co_return facts;
  std::string namespace_ = scope.namespaced() ? request.key.namespace_ : std::string();
  if (reference.field == scope.class_fields.name) {
    kube::ObjectKey key{namespace_, std::string(reference.value)};
    core::Result<std::optional<json::object>> service_class =
        co_await lookup.get(scope.classes, std::move(key));
    if (!service_class) co_return core::fail(service_class.error());
    std::optional<json::object> found = std::move(*service_class);
    if (found) facts.classes.push_back(std::move(*found));
  } else {
    std::string field = reference.field == scope.class_fields.external_id ? "externalID" : "externalName";
    auto classes = co_await lookup.find_by_field(scope.classes, namespace_, std::move(field),
                                                 std::string(reference.value));
    if (!classes) co_return core::fail(classes.error());
    facts.classes = std::move(*classes);
  }
  if (facts.classes.size() == 1) {
    std::string name(kube::name_of(facts.classes.front()));
    auto plans = co_await lookup.plans_of_class(scope, namespace_, std::move(name));
    if (!plans) co_return core::fail(plans.error());
    facts.plans = std::move(*plans);
  }
  co_return facts;
}

async::Task<core::Result<BindingFacts>> gather_for_binding(const Request& request, Lookup& lookup) {
  BindingFacts facts;
  if (request.operation != Operation::create) co_return facts;
  BindingView binding(request.object);
  auto unreadable = co_await unreadable_secrets(request, lookup);
  if (!unreadable) co_return core::fail(unreadable.error());
  facts.unreadable_secrets = std::move(*unreadable);
  auto id_holder = co_await holder_of_id(request, lookup);
  if (!id_holder) co_return core::fail(id_holder.error());
  facts.id_holder = std::move(*id_holder);
  if (binding.instance_name().empty()) co_return facts;
  kube::ObjectKey key{request.key.namespace_, std::string(binding.instance_name())};
  core::Result<std::optional<json::object>> instance =
      co_await lookup.get(resources::service_instances, std::move(key));
  if (!instance) co_return core::fail(instance.error());
  facts.instance = std::move(*instance);
  if (!facts.instance) co_return facts;
  InstanceView view(*facts.instance);
  if (view.plan_ref().empty()) co_return facts;
  const Scope& scope = view.scope();
  kube::ObjectKey plan_key{scope.namespaced() ? request.key.namespace_ : std::string(),
                           std::string(view.plan_ref())};
  core::Result<std::optional<json::object>> plan = co_await lookup.get(scope.plans, std::move(plan_key));
  if (!plan) co_return core::fail(plan.error());
  facts.plan = std::move(*plan);
  co_return facts;
}

}  // namespace

bool concerns(const kube::Resource& resource, std::string_view subresource) {
  return resource.group == api_group && subresource.empty();
}

async::Task<core::Result<json::object>> admit(Request request, Lookup& lookup) {
  if (!concerns(request.resource, request.subresource)) co_return std::move(request.object);
  if (request.operation == Operation::remove) {
    core::Result<> removable = check_removal(request);
    if (!removable) co_return core::fail(removable.error());
    co_return std::move(request.object);
  }
  if (gives_up(request)) {
    core::Result<bool> allowed = co_await lookup.may(request.user, "abandon", request.resource, request.key);
    if (!allowed) co_return core::fail(allowed.error());
    core::Result<> checked = check_abandon(request, *allowed);
    if (!checked) co_return core::fail(checked.error());
  }
  core::Result<> may_adopt = co_await check_adoption(request, lookup);
  if (!may_adopt) co_return core::fail(may_adopt.error());
  if (request.operation == Operation::update) fill_in_again(request);
  // What does not touch the spec is nobody's business here; so an object that would not be admitted today can
  // still be released.
  bool untouched = request.operation == Operation::update &&
                   ObjectView(request.object).spec() == ObjectView(request.old_object).spec();
  if (untouched) co_return std::move(request.object);
  for (const Scope* scope : {&cluster_scope(), &namespaced_scope()}) {
    if (request.resource.plural == scope->classes.plural) co_return admit_class(std::move(request), *scope);
    if (request.resource.plural == scope->plans.plural) co_return admit_plan(std::move(request), *scope);
    if (request.resource.plural != scope->brokers.plural) continue;
    core::Result<BrokerFacts> facts = co_await gather_for_broker(request, lookup);
    if (!facts) co_return core::fail(facts.error());
    co_return admit_broker(std::move(request), *scope, *facts);
  }
  if (request.resource.plural == resources::service_instances.plural) {
    core::Result<InstanceFacts> facts = co_await gather_for_instance(request, lookup);
    if (!facts) co_return core::fail(facts.error());
    co_return admit_instance(std::move(request), *facts);
  }
  if (request.resource.plural == resources::service_bindings.plural) {
    core::Result<BindingFacts> facts = co_await gather_for_binding(request, lookup);
    if (!facts) co_return core::fail(facts.error());
    co_return admit_binding(std::move(request), *facts);
  }
  co_return std::move(request.object);
}

}  // namespace catalog::admission
