#include "catalog/policies/restrictions.hpp"

#include <algorithm>

namespace catalog {

namespace {

using Names = std::vector<std::string>;

core::Result<std::vector<kube::LabelSelector>> parse_all(std::span<const std::string> requirements,
                                                         const Names& properties, const std::string& field) {
  std::vector<kube::LabelSelector> selectors;
  for (const std::string& text : requirements) {
    std::string where = "spec.catalogRestrictions.";
    where.append(field).append(" \"").append(text).append("\"");
    core::Result<kube::LabelSelector> selector = kube::LabelSelector::parse(text);
    if (!selector) return core::fail(selector.error().with_context(where));
    for (const auto& requirement : selector->requirements()) {
      if (std::ranges::find(properties, requirement.key) != properties.end()) continue;
      std::string known;
      for (const std::string& name : properties) known.append(known.empty() ? "" : ", ").append(name);
      where.append(": there is no property ").append(requirement.key).append("; there are ").append(known);
      return core::fail(core::ErrorKind::invalid, where);
    }
    selectors.push_back(std::move(*selector));
  }
  return selectors;
}

bool holds(const std::vector<kube::LabelSelector>& selectors, const kube::LabelSelector::ValueOf& value_of) {
  return std::ranges::all_of(selectors,
                             [&](const kube::LabelSelector& selector) { return selector.matches(value_of); });
}

std::optional<std::string_view> common_property(const json::object& object, std::string_view key) {
  if (key == "name") return kube::name_of(object);
  if (key == "spec.externalName") return core::find_string(object, {"spec", "externalName"});
  if (key == "spec.externalID") return core::find_string(object, {"spec", "externalID"});
  return std::nullopt;
}

}  // namespace

core::Result<CatalogRestrictions> CatalogRestrictions::parse(const Scope& scope,
                                                             std::span<const std::string> classes,
                                                             std::span<const std::string> plans) {
  CatalogRestrictions restrictions;
  restrictions.class_ref_ = scope.class_fields.ref;
  restrictions.class_name_property_ =
      scope.namespaced() ? "spec.serviceClass.name" : "spec.clusterServiceClass.name";
  Names of_classes{"name", "spec.externalName", "spec.externalID"};
  Names of_plans = of_classes;
  of_plans.insert(of_plans.end(), {"spec.free", restrictions.class_name_property_});
  auto parsed_classes = parse_all(classes, of_classes, "serviceClass");
  if (!parsed_classes) return core::fail(parsed_classes.error());
  auto parsed_plans = parse_all(plans, of_plans, "servicePlan");
  if (!parsed_plans) return core::fail(parsed_plans.error());
  restrictions.classes_ = std::move(*parsed_classes);
  restrictions.plans_ = std::move(*parsed_plans);
  return restrictions;
}

bool CatalogRestrictions::admit_class(const json::object& service_class) const {
  return holds(classes_, [&](std::string_view key) { return common_property(service_class, key); });
}

bool CatalogRestrictions::admit_plan(const json::object& plan) const {
  return holds(plans_, [&](std::string_view key) -> std::optional<std::string_view> {
    if (key == "spec.free") return core::find_bool(plan, {"spec", "free"}).value_or(false) ? "true" : "false";
    if (key == class_name_property_) return core::find_string(plan, {"spec", class_ref_, "name"});
    return common_property(plan, key);
  });
}

}  // namespace catalog
