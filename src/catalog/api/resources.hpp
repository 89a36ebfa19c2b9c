// The eight kinds of servicecatalog.k8s.io/v1beta1, and the two scopes they come in.
#pragma once

#include <span>
#include <string_view>

#include "kube/resource.hpp"

namespace catalog {

namespace json = boost::json;

inline constexpr std::string_view api_group = "servicecatalog.k8s.io";
inline constexpr std::string_view finalizer = "kubernetes-incubator/service-catalog";

namespace resources {
extern const kube::Resource cluster_service_brokers, service_brokers;
extern const kube::Resource cluster_service_classes, service_classes;
extern const kube::Resource cluster_service_plans, service_plans;
extern const kube::Resource service_instances, service_bindings;
}  // namespace resources

// How one way to refer to a class or plan is spelt: by external name, external id or Kubernetes name.
struct ReferenceFields {
  std::string_view external_name, external_id, name;  // members of an instance's spec
  std::string_view ref;                               // what we resolve them to: spec.<ref>.name
};

// A broker's scope: cluster-wide or one namespace. The same code serves both; what differs is spelt here.
struct Scope {
  kube::Resource brokers, classes, plans;
  std::string_view broker_name_field;  // in the spec of classes and plans
  ReferenceFields class_fields, plan_fields;
  // Members of status.inProgressProperties and status.externalProperties.
  std::string_view plan_external_name_property, plan_external_id_property;

  [[nodiscard]] bool namespaced() const { return brokers.namespaced; }
};
[[nodiscard]] const Scope& cluster_scope();
[[nodiscard]] const Scope& namespaced_scope();
// The scope whose class reference the instance's spec holds; cluster scope where it holds none.
[[nodiscard]] const Scope& scope_of_instance(const json::object& instance);

// The label under which the API's clients look a field up: "servicecatalog.k8s.io/<field>" = sha224 of its
// value.
[[nodiscard]] std::string field_label(std::string_view field);
[[nodiscard]] std::string field_label_value(std::string_view value);
// The labels that a class, plan or instance carries, made from its spec; an instance those of the references
// that are resolved.
[[nodiscard]] json::object labels_of_class(const Scope& scope, const json::object& spec);
[[nodiscard]] json::object labels_of_plan(const Scope& scope, const json::object& spec);
[[nodiscard]] json::object labels_of_instance(const Scope& scope, const json::object& spec);

}  // namespace catalog
