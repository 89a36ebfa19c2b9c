#include "catalog/policies/catalog_sync.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "catalog/policies/restrictions.hpp"
#include "core/hash.hpp"

namespace catalog {

namespace {

json::array strings(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

void set_if_object(json::object& spec, std::string_view field, const json::value& value) {
  if (value.is_object()) spec[field] = value;
}

json::object metadata(const BrokerView& broker, std::string name, json::object labels) {
  json::object result{{"name", std::move(name)},
                      {"labels", std::move(labels)},
                      {"ownerReferences", json::array{kube::owner_reference_to(broker.object())}}};
  std::string_view namespace_ = kube::namespace_of(broker.object());
  if (!namespace_.empty()) result["namespace"] = namespace_;
  return result;
}

json::object class_object(const Scope& scope, const BrokerView& broker, const osb::Offering& offering) {
  json::object spec{{scope.broker_name_field, broker.name()},
                    {"externalName", offering.name},
                    {"externalID", offering.id},
                    {"description", offering.description},
                    {"bindable", offering.bindable},
                    {"bindingRetrievable", offering.bindings_retrievable},
                    {"planUpdatable", offering.plan_updateable}};
  if (offering.instances_retrievable) spec["instancesRetrievable"] = true;
  if (offering.allow_context_updates) spec["allowContextUpdates"] = true;
  set_if_object(spec, "externalMetadata", offering.metadata);
  if (!offering.tags.empty()) spec["tags"] = strings(offering.tags);
  if (!offering.requires_.empty()) spec["requires"] = strings(offering.requires_);
  json::object labels = labels_of_class(scope, spec);
  return {{"apiVersion", scope.classes.api_version()},
          {"kind", scope.classes.kind},
          {"metadata", metadata(broker, object_name(offering.id), std::move(labels))},
          {"spec", std::move(spec)}};
}

json::object plan_object(const Scope& scope, const BrokerView& broker, const std::string& class_name,
                         const osb::Plan& plan) {
  json::object spec{{scope.broker_name_field, broker.name()},
                    {scope.class_fields.ref, {{"name", class_name}}},
                    {"externalName", plan.name},
                    {"externalID", plan.id},
                    {"description", plan.description},
                    {"free", plan.free}};
  if (plan.bindable) spec["bindable"] = *plan.bindable;
  if (plan.plan_updateable) spec["planUpdatable"] = *plan.plan_updateable;
  if (plan.binding_rotatable) spec["bindingRotatable"] = true;
  if (plan.maximum_polling_duration) spec["maximumPollingDuration"] = plan.maximum_polling_duration->count();
  set_if_object(spec, "externalMetadata", plan.metadata);
  set_if_object(spec, "instanceCreateParameterSchema", plan.instance_create_schema);
  set_if_object(spec, "instanceUpdateParameterSchema", plan.instance_update_schema);
  set_if_object(spec, "serviceBindingCreateParameterSchema", plan.binding_create_schema);
  set_if_object(spec, "maintenanceInfo", plan.maintenance_info);
  json::object labels = labels_of_plan(scope, spec);
  return {{"apiVersion", scope.plans.api_version()},
          {"kind", scope.plans.kind},
          {"metadata", metadata(broker, object_name(plan.id), std::move(labels))},
          {"spec", std::move(spec)}};
}

bool is_lower_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// A DNS subdomain (RFC 1123): what Kubernetes takes as a name.
bool is_valid_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  if (!is_lower_alphanumeric(name.front()) || !is_lower_alphanumeric(name.back())) return false;
  char before = 'a';
  for (char c : name) {
    if (!is_lower_alphanumeric(c) && c != '-' && c != '.') return false;
    bool edge_of_label =
        (c == '.' && !is_lower_alphanumeric(before)) || (before == '.' && !is_lower_alphanumeric(c));
    if (edge_of_label) return false;
    before = c;
  }
  return true;
}

// What of an existing object differs from the wanted one, as a merge patch; empty where nothing does. Fields
// of the spec that the catalog does not give (a user's defaultProvisionParameters) and foreign labels stay.
json::object update_patch(const json::object& existing, const json::object& wanted) {
  json::object spec = ObjectView(existing).spec();
  json::object new_spec = ObjectView(wanted).spec();
  if (const json::value* defaults = spec.if_contains("defaultProvisionParameters")) {
    new_spec["defaultProvisionParameters"] = *defaults;
  }
  json::object labels;
  if (const json::object* old = core::find_object(existing, {"metadata", "labels"})) labels = *old;
  json::object new_labels = labels;
  for (const json::key_value_pair& label : *core::find_object(wanted, {"metadata", "labels"})) {
    new_labels[label.key()] = label.value();
  }
  json::object patch;
  if (spec != new_spec) patch["spec"] = core::diff_as_merge_patch(spec, new_spec);
  if (labels != new_labels)
    patch["metadata"] = json::object{{"labels", core::diff_as_merge_patch(labels, new_labels)}};
  return patch;
}

bool is_marked_removed(const json::object& object) {
  return core::find_bool(object, {"status", "removedFromBrokerCatalog"}).value_or(false);
}

bool is_used(const std::string& name, std::span<const std::string> in_use) {
  return std::ranges::find(in_use, name) != in_use.end();
}

}  // namespace

std::string object_name(std::string_view external_id) {
  if (is_valid_name(external_id)) return std::string(external_id);
  std::string readable;
  for (char c : external_id.substr(0, 32)) {
    char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    readable += is_lower_alphanumeric(lower) ? lower : '-';
  }
  readable.erase(0, readable.find_first_not_of('-'));
  return (readable.empty() ? "" : readable + "-") + core::sha256_hex(external_id).substr(0, 16);
}

core::Result<CatalogObjects> objects_of_catalog(const Scope& scope, const BrokerView& broker,
                                                const osb::Catalog& catalog) {
  auto restrictions =
      CatalogRestrictions::parse(scope, broker.class_restrictions(), broker.plan_restrictions());
  if (!restrictions) return core::fail(restrictions.error());
  CatalogObjects objects;
  for (const osb::Offering& offering : catalog.services) {
    json::object service_class = class_object(scope, broker, offering);
    if (!restrictions->admit_class(service_class)) continue;
    std::size_t before = objects.plans.size();
    for (const osb::Plan& plan : offering.plans) {
      json::object object = plan_object(scope, broker, std::string(kube::name_of(service_class)), plan);
      if (restrictions->admit_plan(object)) objects.plans.push_back(std::move(object));
    }
    if (objects.plans.size() > before) objects.classes.push_back(std::move(service_class));
  }
  return objects;
}

bool is_managed(const json::object& object) {
  const json::array* owners = core::find_array(object, {"metadata", "ownerReferences"});
  return owners && std::ranges::any_of(*owners, [](const json::value& owner) {
           std::string_view kind = core::find_string(owner, {"kind"});
           return kind == resources::cluster_service_brokers.kind || kind == resources::service_brokers.kind;
         });
}

std::vector<CatalogChange> changes(std::span<const json::object> wanted,
                                   std::span<const json::object* const> existing,
                                   std::span<const std::string> in_use) {
  using Kind = CatalogChange::Kind;
  std::map<std::string_view, const json::object*> by_name;
  for (const json::object* object : existing) by_name[kube::name_of(*object)] = object;
  std::vector<CatalogChange> result;
  std::set<std::string_view> kept;
  for (const json::object& object : wanted) {
    std::string_view name = kube::name_of(object);
    kept.insert(name);
    auto found = by_name.find(name);
    if (found == by_name.end()) {
      result.push_back({Kind::create, std::string(name), object});
      continue;
    }
    json::object patch = update_patch(*found->second, object);
    if (!patch.empty()) result.push_back({Kind::update, std::string(name), std::move(patch)});
    if (is_marked_removed(*found->second)) result.push_back({Kind::unmark, std::string(name), {}});
  }
  for (const json::object* object : existing) {
    std::string name(kube::name_of(*object));
    if (kept.contains(name) || !is_managed(*object)) continue;
    if (!is_used(name, in_use)) {
      result.push_back({Kind::remove, std::move(name), {}});
    } else if (!is_marked_removed(*object)) {
      result.push_back({Kind::mark_removed, std::move(name), {}});
    }
  }
  return result;
}

std::vector<CatalogChange> leftovers(std::span<const json::object* const> existing,
                                     std::span<const std::string> in_use) {
  std::vector<CatalogChange> result;
  for (const json::object* object : existing) {
    std::string name(kube::name_of(*object));
    if (is_managed(*object) && is_marked_removed(*object) && !is_used(name, in_use)) {
      result.push_back({CatalogChange::Kind::remove, std::move(name), {}});
    }
  }
  return result;
}

}  // namespace catalog
