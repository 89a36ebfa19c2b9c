// What admission and the controllers have written into an object stays, whatever a client leaves out:
// `kubectl replace` with the original manifest, a server-side apply that drops what a client-side apply has
// owned, a patch. A client that wants to be rid of it has to say so another way (a deletion, the annotation
// `abandon`).
#include "catalog/admission/facts.hpp"
#include "catalog/api/annotations.hpp"
#include "catalog/policies/binding_phase.hpp"
#include "catalog/policies/instance_phase.hpp"

namespace catalog::admission {

namespace {

void keep(json::object& spec, const json::object& before, std::string_view field) {
  const json::value* old = before.if_contains(field);
  if (!old) return;
  const json::value* now = spec.if_contains(field);
  bool is_absent = !now || now->is_null() || (now->is_string() && now->get_string().empty());
  if (is_absent) spec[field] = *old;
}

// A counter that is not named, or 0 as in a new object.
void keep_counter(json::object& spec, const json::object& before, std::string_view field) {
  std::optional<std::int64_t> old = core::find_int(before, {field});
  if (old && core::find_int(spec, {field}).value_or(0) == 0) spec[field] = *old;
}

bool names_a_plan(const json::object& spec) {
  for (const Scope* scope : {&cluster_scope(), &namespaced_scope()}) {
    const ReferenceFields& names = scope->plan_fields;
    for (std::string_view field : {names.external_name, names.external_id, names.name}) {
      if (!core::find_string(spec, {field}).empty()) return true;
    }
  }
  return false;
}

bool is_same(const Reference& left, const Reference& right) {
  return left.field == right.field && left.value == right.value;
}

void keep_instance(Request& request, json::object& spec, const json::object& before) {
  for (std::string_view field : {"externalID", "userInfo"}) keep(spec, before, field);
  keep_counter(spec, before, "updateRequests");
  InstanceView old(request.old_object);
  const Scope& scope = old.scope();
  if (!is_same(InstanceView(request.object).class_reference(), old.class_reference())) return;
  Reference plan = old.plan_reference();
  if (!plan.field.empty() && !names_a_plan(spec)) spec[plan.field] = plan.value;
  if (!is_same(InstanceView(request.object).plan_reference(), plan)) return;
  for (std::string_view field : {scope.class_fields.ref, scope.plan_fields.ref}) keep(spec, before, field);
}

// Whether the object may go without the finalizer: nothing is left at the broker, or what is left shall stay.
// That is what status says, and what the annotations say whose right was asked for; who asks does not matter.
bool may_be_released(const Request& request) {
  if (is_annotated(request.object, annotations::abandon) || is_annotated(request.object, annotations::retain))
    return true;
  if (request.resource.plural == resources::service_instances.plural)
    return !has_something_at_broker(InstanceView(request.old_object));
  if (request.resource.plural == resources::service_bindings.plural)
    return !has_something_at_broker(BindingView(request.old_object));
  return true;  // of a broker that is being deleted only classes and plans are left
}

void keep_finalizer(Request& request) {
  if (!kube::is_being_deleted(request.old_object)) return add_finalizer(request.object);
  // Of an object that is being deleted only what it has can stay; the API server takes no new finalizer.
  if (kube::has_finalizer(request.old_object, finalizer) && !may_be_released(request))
    add_finalizer(request.object);
}

}  // namespace

void fill_in_again(Request& request) {
  const json::object* before = core::find_object(request.old_object, {"spec"});
  static const json::object none;
  if (!before) before = &none;
  bool live = !kube::is_being_deleted(request.old_object);
  for (const Scope* scope : {&cluster_scope(), &namespaced_scope()}) {
    if (request.resource.plural == scope->brokers.plural) {
      keep(spec_of(request.object), *before, "relistBehavior");
      keep_counter(spec_of(request.object), *before, "relistRequests");
      keep_finalizer(request);
    }
    if (request.resource.plural == scope->classes.plural && live)
      set_labels(request.object, labels_of_class(*scope, spec_of(request.object)));
    if (request.resource.plural == scope->plans.plural && live)
      set_labels(request.object, labels_of_plan(*scope, spec_of(request.object)));
  }
  if (request.resource.plural == resources::service_instances.plural) {
    json::object& spec = spec_of(request.object);
    keep_instance(request, spec, *before);
    keep_finalizer(request);
    if (live) set_labels(request.object, labels_of_instance(InstanceView(request.object).scope(), spec));
  }
  if (request.resource.plural == resources::service_bindings.plural) {
    for (std::string_view field : {"externalID", "secretName", "userInfo"})
      keep(spec_of(request.object), *before, field);
    keep_finalizer(request);
  }
}

}  // namespace catalog::admission
