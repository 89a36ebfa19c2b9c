#include "svcat/kind.hpp"

#include <utility>

namespace svcat {

namespace {

const kube::Resource& resource_in(const catalog::Scope& scope, Kind kind) {
  switch (kind) {
    case Kind::broker:
      return scope.brokers;
    case Kind::service_class:
      return scope.classes;
    case Kind::plan:
      return scope.plans;
    case Kind::instance:
      return catalog::resources::service_instances;
    case Kind::binding:
      return catalog::resources::service_bindings;
  }
  std::unreachable();
}

}  // namespace

std::string_view singular(Kind kind) {
  switch (kind) {
    case Kind::broker:
      return "broker";
    case Kind::service_class:
      return "class";
    case Kind::plan:
      return "plan";
    case Kind::instance:
      return "instance";
    case Kind::binding:
      return "binding";
  }
  std::unreachable();
}

std::string_view plural(Kind kind) {
  switch (kind) {
    case Kind::broker:
      return "brokers";
    case Kind::service_class:
      return "classes";
    case Kind::plan:
      return "plans";
    case Kind::instance:
      return "instances";
    case Kind::binding:
      return "bindings";
  }
  std::unreachable();
}

std::vector<kube::Resource> resources_of(Kind kind, ScopeChoice scope) {
  if (kind == Kind::instance || kind == Kind::binding)
    return {resource_in(catalog::namespaced_scope(), kind)};
  std::vector<kube::Resource> resources;
  if (scope != ScopeChoice::namespaced) resources.push_back(resource_in(catalog::cluster_scope(), kind));
  if (scope != ScopeChoice::cluster) resources.push_back(resource_in(catalog::namespaced_scope(), kind));
  return resources;
}

std::string_view display_name(Kind kind, const core::json::object& object) {
  if (kind == Kind::service_class || kind == Kind::plan) {
    const std::string_view name = core::find_string(object, {"spec", "externalName"});
    if (!name.empty()) return name;
  }
  return kube::name_of(object);
}

}  // namespace svcat
