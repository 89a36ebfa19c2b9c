#include "svcat/related.hpp"

#include <algorithm>
#include <iterator>

#include "catalog/api/views.hpp"

namespace svcat {

namespace {

using core::json::object;

template <class Predicate>
Objects where(const Objects& objects, Predicate belongs) {
  Objects found;
  std::ranges::copy_if(objects, std::back_inserter(found), belongs);
  return found;
}

bool in_same_namespace(const object& left, const object& right) {
  return kube::namespace_of(left) == kube::namespace_of(right);
}

// An instance can refer to what is cluster-wide, or in its own namespace.
bool can_refer_to(const object& instance, const object& target) {
  const catalog::Scope& scope = scope_of(target);
  if (catalog::InstanceView(instance).scope().namespaced() != scope.namespaced()) return false;
  return !scope.namespaced() || in_same_namespace(instance, target);
}

}  // namespace

Objects classes_of(const object& broker, const Objects& classes) {
  return where(classes, [&](const object& item) {
    return in_same_namespace(item, broker) &&
           catalog::ClassView(item).broker_name(scope_of(item)) == kube::name_of(broker);
  });
}

Objects plans_of(const object& service_class, const Objects& plans) {
  return where(plans, [&](const object& plan) {
    return in_same_namespace(plan, service_class) &&
           catalog::PlanView(plan).class_name(scope_of(plan)) == kube::name_of(service_class);
  });
}

Objects instances_of_class(const object& service_class, const Objects& instances) {
  return where(instances, [&](const object& instance) {
    return can_refer_to(instance, service_class) &&
           catalog::InstanceView(instance).class_ref() == kube::name_of(service_class);
  });
}

Objects instances_of_plan(const object& plan, const Objects& instances) {
  return where(instances, [&](const object& instance) {
    return can_refer_to(instance, plan) && catalog::InstanceView(instance).plan_ref() == kube::name_of(plan);
  });
}

Objects bindings_of(const object& instance, const Objects& bindings) {
  return where(bindings, [&](const object& binding) {
    return in_same_namespace(binding, instance) &&
           catalog::BindingView(binding).instance_name() == kube::name_of(instance);
  });
}

}  // namespace svcat
