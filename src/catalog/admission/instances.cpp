// An instance's admission: defaults and resolved references first, so that an instance whose class is known
// is complete from its first version on; then what may not be.
#include <algorithm>
#include <array>

#include "catalog/admission/facts.hpp"
#include "catalog/admission/parameters.hpp"
#include "catalog/policies/parameters.hpp"
#include "catalog/policies/resolution.hpp"
#include "core/uuid.hpp"

namespace catalog::admission {

namespace {

std::string comma_separated(const std::vector<std::string>& texts) {
  std::string result;
  for (const std::string& text : texts) result += (result.empty() ? "" : ", ") + text;
  return result;
}

std::vector<std::string> given_references(const json::object& spec, bool service_class) {
  std::vector<std::string> fields;
  for (const Scope* scope : {&cluster_scope(), &namespaced_scope()}) {
    const ReferenceFields& names = service_class ? scope->class_fields : scope->plan_fields;
    for (std::string_view field : {names.external_name, names.external_id, names.name}) {
      if (!core::find_string(spec, {field}).empty()) fields.push_back("spec." + std::string(field));
    }
  }
  return fields;
}

// One class reference; at most one plan reference, of the same scope.
core::Result<> check_references(const InstanceView& instance) {
  std::vector<std::string> classes = given_references(instance.spec(), true);
  std::vector<std::string> plans = given_references(instance.spec(), false);
  if (classes.empty()) {
    return invalid("spec",
                   "names no class: set clusterServiceClassExternalName (or serviceClassExternalName)");
  }
  if (classes.size() > 1)
    return invalid("spec", "names the class more than once: keep one of " + comma_separated(classes));
  if (plans.size() > 1)
    return invalid("spec", "names the plan more than once: keep one of " + comma_separated(plans));
  if (!plans.empty() && instance.plan_reference().field.empty()) {
    return invalid(plans.front(), "has another scope than the class; use spec." +
                                      std::string(instance.scope().plan_fields.external_name));
  }
  return {};
}

// What a user asks for: the spec without what the catalog itself writes into it.
json::object wishes_of_instance(const json::object& object) {
  json::object spec = ObjectView(object).spec();
  for (std::string_view field : {"userInfo", "externalID"}) spec.erase(field);
  for (const Scope* scope : {&cluster_scope(), &namespaced_scope()}) {
    spec.erase(scope->class_fields.ref);
    spec.erase(scope->plan_fields.ref);
  }
  if (core::find_int(spec, {"updateRequests"}) == 0) spec.erase("updateRequests");
  return spec;
}

core::Result<> check_update(const Request& request) {
  InstanceView before(request.old_object);
  InstanceView after(request.object);
  Reference old_class = before.class_reference();
  Reference new_class = after.class_reference();
  if (old_class.field != new_class.field || old_class.value != new_class.value) {
    return invalid("spec." + std::string(new_class.field), "the class cannot be changed; it is " +
                                                               std::string(old_class.field) + " \"" +
                                                               std::string(old_class.value) + "\"");
  }
  // An object that came past admission gets its id from the controllers.
  if (!before.external_id().empty() && before.external_id() != after.external_id()) {
    return invalid("spec.externalID",
                   "cannot be changed; it is \"" + std::string(before.external_id()) + "\"");
  }
  std::int64_t old_requests = core::find_int(before.spec(), {"updateRequests"}).value_or(0);
  if (core::find_int(after.spec(), {"updateRequests"}).value_or(0) < old_requests) {
    return invalid("spec.updateRequests", "must not decrease; it is " + std::to_string(old_requests));
  }
  if (wishes_of_instance(request.object) == wishes_of_instance(request.old_object)) return {};
  // An operation that failed and waits to be repeated may be repaired by an edit; one that runs may not be
  // disturbed.
  bool running = before.async_op_in_progress() || before.orphan_mitigation_in_progress() ||
                 (!before.current_operation().empty() && before.retry_attempts() == 0);
  if (running) {
    return forbidden("spec: the instance cannot be changed while an operation is in progress (" +
                     std::string(before.current_operation()) +
                     "); wait until it has ended, or delete the instance");
  }
  return {};
}

bool same_plan_reference(const Request& request) {
  Reference before = InstanceView(request.old_object).plan_reference();
  Reference after = InstanceView(request.object).plan_reference();
  return before.field == after.field && before.value == after.value;
}

// Sets the references to what they are resolved to; a user's own are not believed.
void set_ref(json::object& spec, std::string_view field, const json::object* resolved) {
  if (resolved) {
    spec[field] = json::object{{"name", kube::name_of(*resolved)}};
  } else {
    spec.erase(field);
  }
}

std::vector<const json::object*> pointers(const std::vector<json::object>& objects) {
  std::vector<const json::object*> result;
  result.reserve(objects.size());
  for (const json::object& object : objects) result.push_back(&object);
  return result;
}

struct Resolved {
  const json::object* service_class = nullptr;
  const json::object* plan = nullptr;
};

// The plan where it can be told; a class with one plan needs no reference. Problems: a plan that the class
// does not have.
core::Result<Resolved> resolve_now(const InstanceView& instance, const InstanceFacts& facts) {
  if (facts.classes.empty()) return Resolved{};  // the controller will say it, and look again when one comes
  if (facts.classes.size() > 1) {
    std::string why = choose_class(instance, pointers(facts.classes), {}).error().message;
    return invalid("spec." + std::string(instance.class_reference().field), why);
  }
  Resolved resolved{.service_class = &facts.classes.front(), .plan = nullptr};
  if (facts.plans.empty()) return resolved;
  auto plan = choose_plan(instance, ClassView(*resolved.service_class), pointers(facts.plans));
  if (!plan) {
    std::string_view field = instance.plan_reference().field;
    return invalid(field.empty() ? "spec" : "spec." + std::string(field), plan.error().message);
  }
  resolved.plan = *plan;
  return resolved;
}

core::Result<> check_plan_change(const Request& request, const Resolved& resolved,
                                 const InstanceFacts& facts) {
  InstanceView before(request.old_object);
  if (request.operation != Operation::update || before.provision_status() != "Provisioned" || !resolved.plan)
    return {};
  if (before.plan_ref().empty() || before.plan_ref() == kube::name_of(*resolved.plan)) return {};
  if (may_change_plan(before, ClassView(*resolved.service_class), pointers(facts.plans))) return {};
  return forbidden("spec." + std::string(InstanceView(request.object).plan_reference().field) +
                   ": the plan of class \"" +
                   std::string(ClassView(*resolved.service_class).external_name()) +
                   "\" cannot be changed after creation; create a new instance with the other plan");
}

// Of an instance that is there, what changes; all of it where the plan does.
core::Result<> check_against_schemas(const Request& request, const Resolved& resolved) {
  InstanceView instance(request.object);
  if (!resolved.plan || instance.deleting()) return {};
  const json::object* create = core::find_object(*resolved.plan, {"spec", "instanceCreateParameterSchema"});
  const json::object* update = core::find_object(*resolved.plan, {"spec", "instanceUpdateParameterSchema"});
  bool from_secrets = instance.parameters_from() && !instance.parameters_from()->empty();
  InstanceView before(request.old_object);
  bool is_there = request.operation == Operation::update && before.provision_status() == "Provisioned";
  bool new_plan = request.operation == Operation::create || !same_plan_reference(request);

  std::optional<std::string> problem;
  if (is_there) {
    problem = check_changed_parameters(before.parameters(), instance.parameters(), create, update);
  }
  if (!problem && (!is_there || new_plan)) {
    problem = check_parameters(instance.parameters(), create,
                               {.defaults = default_parameters(*resolved.service_class, *resolved.plan),
                                .secrets = from_secrets || is_there});
  }
  if (problem) return invalid("spec.parameters", *problem);
  return {};
}

core::Result<> check_external_id(std::string_view id) {
  constexpr std::size_t longest = 63;
  if (id.size() <= longest) return {};
  return invalid(
      "spec.externalID",
      "must be no more than " + std::to_string(longest) +
          " bytes; leave it out to get a new one, or use the one by which the broker knows the instance");
}

core::Result<> check_parameters_from(const InstanceView& instance) {
  const json::array* sources = instance.parameters_from();
  for (std::size_t i = 0; sources && i < sources->size(); ++i) {
    std::string field = "spec.parametersFrom[" + std::to_string(i) + "].secretKeyRef.name";
    auto checked = check_secret_name(field, core::find_string((*sources)[i], {"secretKeyRef", "name"}));
    if (!checked) return checked;
  }
  return {};
}

}  // namespace

Admitted admit_instance(Request request, const InstanceFacts& facts) {
  bool creates = request.operation == Operation::create;
  if (creates) add_finalizer(request.object);
  json::object& spec = spec_of(request.object);
  if (creates && core::find_string(spec, {"externalID"}).empty())
    spec["externalID"] = core::Uuid::random().to_string();
  std::int64_t old_requests = core::find_int(request.old_object, {"spec", "updateRequests"}).value_or(0);
  if (core::find_int(spec, {"updateRequests"}).value_or(0) == 0) spec["updateRequests"] = old_requests;

  InstanceView instance(request.object);
  if (core::Result<> checked = check_references(instance); !checked) return core::fail(checked.error());
  if (const json::value* parameters = spec.if_contains("parameters");
      parameters && !parameters->is_object() && !parameters->is_null()) {
    return invalid("spec.parameters", "must be an object of names and values");
  }
  if (auto problem = check_parameters_size(core::find(request.old_object, {"spec", "parameters"}),
                                           spec.if_contains("parameters"))) {
    return invalid("spec.parameters", *problem);
  }
  if (core::Result<> checked = check_external_id(instance.external_id()); !checked)
    return core::fail(checked.error());
  if (core::Result<> checked = check_external_id_is_free(request, facts.id_holder); !checked)
    return core::fail(checked.error());
  if (core::Result<> checked = check_parameters_from(instance); !checked) return core::fail(checked.error());
  if (!creates) {
    if (core::Result<> checked = check_update(request); !checked) return core::fail(checked.error());
  }

  const Scope& scope = instance.scope();
  core::Result<Resolved> resolved = resolve_now(instance, facts);
  bool new_wishes = creates || wishes_of_instance(request.object) != wishes_of_instance(request.old_object);
  if (!resolved && new_wishes && !instance.deleting()) return core::fail(resolved.error());
  if (!resolved) resolved = Resolved{};
  if (core::Result<> checked = check_plan_change(request, *resolved, facts); !checked)
    return core::fail(checked.error());
  if (core::Result<> checked = check_against_schemas(request, *resolved); !checked)
    return core::fail(checked.error());

  const json::object* old_spec = core::find_object(request.old_object, {"spec"});
  bool keep =
      !creates && !InstanceView(request.old_object).class_ref().empty() && same_plan_reference(request);
  if (keep) {
    for (std::string_view field : {scope.class_fields.ref, scope.plan_fields.ref}) {
      if (const json::value* old = old_spec->if_contains(field)) spec[field] = *old;
    }
  } else {
    set_ref(spec, scope.class_fields.ref, resolved->service_class);
    set_ref(spec, scope.plan_fields.ref, resolved->plan);
  }
  if (resolved->plan && instance.plan_reference().field.empty()) {
    spec[scope.plan_fields.external_name] = PlanView(*resolved->plan).external_name();
  }
  set_user_info(request, new_wishes);
  set_labels(request.object, labels_of_instance(scope, spec));
  return std::move(request.object);
}

}  // namespace catalog::admission
