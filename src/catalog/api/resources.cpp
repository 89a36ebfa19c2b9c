#include "catalog/api/resources.hpp"

#include <array>
#include <span>

#include <openssl/evp.h>

#include "core/hash.hpp"

namespace catalog {

namespace {

kube::Resource resource(std::string kind, std::string plural, bool namespaced) {
  return {.group = std::string(api_group),
          .version = "v1beta1",
          .kind = std::move(kind),
          .plural = std::move(plural),
          .namespaced = namespaced};
}

void add_label(json::object& labels, std::string_view field, std::string_view value) {
  labels[field_label(field)] = field_label_value(value);
}

void add_reference_label(json::object& labels, const json::object& spec, std::string_view ref) {
  add_label(labels, "spec." + std::string(ref) + ".name", core::find_string(spec, {ref, "name"}));
}

// What classes and plans have in common.
json::object common_labels(const Scope& scope, const json::object& spec) {
  json::object labels;
  add_label(labels, "spec.externalID", core::find_string(spec, {"externalID"}));
  add_label(labels, "spec.externalName", core::find_string(spec, {"externalName"}));
  add_label(labels, "spec." + std::string(scope.broker_name_field),
            core::find_string(spec, {scope.broker_name_field}));
  return labels;
}

}  // namespace

namespace resources {
const kube::Resource cluster_service_brokers =
    resource("ClusterServiceBroker", "clusterservicebrokers", false);
const kube::Resource service_brokers = resource("ServiceBroker", "servicebrokers", true);
const kube::Resource cluster_service_classes =
    resource("ClusterServiceClass", "clusterserviceclasses", false);
const kube::Resource service_classes = resource("ServiceClass", "serviceclasses", true);
const kube::Resource cluster_service_plans = resource("ClusterServicePlan", "clusterserviceplans", false);
const kube::Resource service_plans = resource("ServicePlan", "serviceplans", true);
const kube::Resource service_instances = resource("ServiceInstance", "serviceinstances", true);
const kube::Resource service_bindings = resource("ServiceBinding", "servicebindings", true);
}  // namespace resources

const Scope& cluster_scope() {
  static const Scope scope{.brokers = resources::cluster_service_brokers,
                           .classes = resources::cluster_service_classes,
                           .plans = resources::cluster_service_plans,
                           .broker_name_field = "clusterServiceBrokerName",
                           .class_fields = {.external_name = "clusterServiceClassExternalName",
                                            .external_id = "clusterServiceClassExternalID",
                                            .name = "clusterServiceClassName",
                                            .ref = "clusterServiceClassRef"},
                           .plan_fields = {.external_name = "clusterServicePlanExternalName",
                                           .external_id = "clusterServicePlanExternalID",
                                           .name = "clusterServicePlanName",
                                           .ref = "clusterServicePlanRef"},
                           .plan_external_name_property = "clusterServicePlanExternalName",
                           .plan_external_id_property = "clusterServicePlanExternalID"};
  return scope;
}

const Scope& namespaced_scope() {
  static const Scope scope{.brokers = resources::service_brokers,
                           .classes = resources::service_classes,
                           .plans = resources::service_plans,
                           .broker_name_field = "serviceBrokerName",
                           .class_fields = {.external_name = "serviceClassExternalName",
                                            .external_id = "serviceClassExternalID",
                                            .name = "serviceClassName",
                                            .ref = "serviceClassRef"},
                           .plan_fields = {.external_name = "servicePlanExternalName",
                                           .external_id = "servicePlanExternalID",
                                           .name = "servicePlanName",
                                           .ref = "servicePlanRef"},
                           .plan_external_name_property = "servicePlanExternalName",
                           .plan_external_id_property = "servicePlanExternalID"};
  return scope;
}

const Scope& scope_of_instance(const json::object& instance) {
  const ReferenceFields& fields = namespaced_scope().class_fields;
  for (std::string_view field : {fields.external_name, fields.external_id, fields.name}) {
    if (!core::find_string(instance, {"spec", field}).empty()) return namespaced_scope();
  }
  return cluster_scope();
}

std::string field_label(std::string_view field) {
  return std::string(api_group) + "/" + std::string(field);
}

std::string field_label_value(std::string_view value) {
  std::array<std::uint8_t, 28> digest{};
  EVP_Digest(value.data(), value.size(), digest.data(), nullptr, EVP_sha224(), nullptr);
  return core::to_hex(digest);
}

json::object labels_of_class(const Scope& scope, const json::object& spec) {
  return common_labels(scope, spec);
}

json::object labels_of_plan(const Scope& scope, const json::object& spec) {
  json::object labels = common_labels(scope, spec);
  add_reference_label(labels, spec, scope.class_fields.ref);
  return labels;
}

json::object labels_of_instance(const Scope& scope, const json::object& spec) {
  json::object labels;
  for (std::string_view ref : {scope.class_fields.ref, scope.plan_fields.ref}) {
    if (!core::find_string(spec, {ref, "name"}).empty()) add_reference_label(labels, spec, ref);
  }
  return labels;
}

}  // namespace catalog
