#include "catalog/api/crds.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "catalog/api/resources.hpp"
#include "core/yaml.hpp"
#include "objects.hpp"

namespace catalog {
namespace {

json::object crd_of(const kube::Resource& resource) {
  for (const CrdFile& file : crd_files()) {
    if (file.name == resource.plural + ".yaml") return core::parse_yaml(file.yaml).value().as_object();
  }
  throw std::runtime_error("no CRD for " + resource.plural);
}

const json::object& version_of(const json::object& crd) {
  return core::find_array(crd, {"spec", "versions"})->front().as_object();
}

std::string columns_of(const json::object& crd) {
  std::string columns;
  for (const json::value& column : *core::find_array(version_of(crd), {"additionalPrinterColumns"})) {
    columns += (columns.empty() ? "" : " ") + std::string(core::find_string(column, {"name"})) + "=" +
               std::string(core::find_string(column, {"jsonPath"}));
  }
  return columns;
}

TEST(Crds, are_there_for_every_kind_as_the_code_names_it) {
  const std::vector<const kube::Resource*> all{
      &resources::cluster_service_brokers, &resources::cluster_service_classes,
      &resources::cluster_service_plans,   &resources::service_brokers,
      &resources::service_classes,         &resources::service_plans,
      &resources::service_instances,       &resources::service_bindings};
  EXPECT_EQ(crd_files().size(), all.size());
  for (const kube::Resource* resource : all) {
    json::object crd = crd_of(*resource);
    EXPECT_EQ(kube::name_of(crd), resource->plural + "." + resource->group);
    EXPECT_EQ(core::find_string(crd, {"spec", "names", "kind"}), resource->kind);
    EXPECT_EQ(core::find_string(crd, {"spec", "scope"}), resource->namespaced ? "Namespaced" : "Cluster");
    EXPECT_EQ(core::find_string(version_of(crd), {"name"}), resource->version);
    EXPECT_NE(core::find_object(version_of(crd), {"subresources", "status"}), nullptr);
    EXPECT_EQ(core::find_string(crd, {"metadata", "labels", "svcat"}), "true");
    EXPECT_TRUE(core::find_string(crd, {"metadata", "annotations", "api-approved.kubernetes.io"})
                    .starts_with("unapproved"));
    EXPECT_EQ(*core::find_array(crd, {"spec", "names", "categories"}), (json::array{"all", "svcat"}));
  }
}

TEST(Crds, have_the_columns_that_users_know) {
  EXPECT_EQ(columns_of(crd_of(resources::cluster_service_brokers)),
            "URL=.spec.url Status=.status.lastConditionState Age=.metadata.creationTimestamp");
  EXPECT_EQ(columns_of(crd_of(resources::cluster_service_plans)),
            "External-Name=.spec.externalName Broker=.spec.clusterServiceBrokerName "
            "Class=.spec.clusterServiceClassRef.name "
            "Age=.metadata.creationTimestamp");
  EXPECT_EQ(columns_of(crd_of(resources::service_instances)),
            "Class=.status.userSpecifiedClassName Plan=.status.userSpecifiedPlanName "
            "Status=.status.lastConditionState "
            "Age=.metadata.creationTimestamp");
  EXPECT_EQ(columns_of(crd_of(resources::service_bindings)),
            "Service-Instance=.spec.instanceRef.name Secret-Name=.spec.secretName "
            "Status=.status.lastConditionState "
            "Age=.metadata.creationTimestamp");
}

std::string selectable_fields_of(const json::object& crd) {
  std::string fields;
  for (const json::value& field : *core::find_array(version_of(crd), {"selectableFields"})) {
    fields += (fields.empty() ? "" : " ") + std::string(core::find_string(field, {"jsonPath"}).substr(6));
  }
  return fields;
}

TEST(Crds, let_objects_be_selected_by_what_they_are_called_and_refer_to) {
  EXPECT_EQ(selectable_fields_of(crd_of(resources::service_classes)),
            "externalName externalID serviceBrokerName");
  EXPECT_EQ(selectable_fields_of(crd_of(resources::cluster_service_classes)),
            "externalName externalID clusterServiceBrokerName");
  EXPECT_EQ(selectable_fields_of(crd_of(resources::service_plans)),
            "externalName externalID serviceBrokerName serviceClassRef.name");
  EXPECT_EQ(selectable_fields_of(crd_of(resources::cluster_service_plans)),
            "externalName externalID clusterServiceBrokerName clusterServiceClassRef.name");
  std::string of_instances = selectable_fields_of(crd_of(resources::service_instances));
  for (const char* field : {"externalID", "clusterServiceClassRef.name", "clusterServicePlanRef.name",
                            "serviceClassRef.name", "servicePlanRef.name"}) {
    EXPECT_NE(of_instances.find(field), std::string::npos) << field;
  }
  EXPECT_NE(selectable_fields_of(crd_of(resources::service_bindings)).find("externalID"), std::string::npos);
}

// Says more than the field's name does.
bool teaches(std::string_view description) {
  return std::ranges::count(description, ' ') >= 2 && description.ends_with('.');
}

// kubectl explain shows these.
void expect_described(const json::object& schema, const std::string& path) {
  EXPECT_FALSE(core::find_string(schema, {"type"}).empty()) << path;
  if (const json::object* properties = core::find_object(schema, {"properties"})) {
    for (const json::key_value_pair& property : *properties) {
      std::string below = path + "." + std::string(property.key());
      bool standard = below.ends_with(".metadata");
      EXPECT_TRUE(standard || teaches(core::find_string(property.value(), {"description"}))) << below;
      expect_described(property.value().as_object(), below);
    }
  }
  if (const json::object* items = core::find_object(schema, {"items"})) expect_described(*items, path + "[]");
}

TEST(Crds, have_structural_schemas_that_explain_every_field) {
  for (const CrdFile& file : crd_files()) {
    json::object crd = core::parse_yaml(file.yaml).value().as_object();
    expect_described(*core::find_object(version_of(crd), {"schema", "openAPIV3Schema"}),
                     std::string(file.name));
  }
}

}  // namespace
}  // namespace catalog
