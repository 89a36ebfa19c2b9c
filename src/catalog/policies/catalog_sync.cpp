#include "catalog/policies/catalog_sync.hpp"

#include <algorithm>
#include <map>

#include "catalog/policies/restrictions.hpp"

namespace catalog {

namespace {

json::array strings(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

void set_if_object(json::object& spec, std::string_view field, json::value&& value) {
  if (value.is_object()) spec[field] = std::move(value);
}

json::object metadata(const BrokerView& broker, std::string name, json::object labels) {
  json::object result{{"name", std::move(name)},
                      {"labels", std::move(labels)},
                      {"ownerReferences", json::array{kube::owner_reference_to(broker.object())}}};
  std::string_view namespace_ = kube::namespace_of(broker.object());
  if (!namespace_.empty()) result["namespace"] = namespace_;
  return result;
}

json::object class_object(const Scope& scope, const BrokerView& broker, std::string name,
                          osb::Offering& offering) {
  json::object spec{{scope.broker_name_field, broker.name()},
                    {"externalName", offering.name},
                    {"externalID", offering.id},
                    {"description", offering.description},
                    {"bindable", offering.bindable},
                    {"bindingRetrievable", offering.bindings_retrievable},
                    {"planUpdatable", offering.plan_updateable}};
  if (offering.instances_retrievable) spec["instancesRetrievable"] = true;
  if (offering.allow_context_updates) spec["allowContextUpdates"] = true;
  set_if_object(spec, "externalMetadata", std::move(offering.metadata));
  if (!offering.tags.empty()) spec["tags"] = strings(offering.tags);
  if (!offering.requires_.empty()) spec["requires"] = strings(offering.requires_);
  json::object labels = labels_of_class(scope, spec);
  return {{"apiVersion", scope.classes.api_version()},
          {"kind", scope.classes.kind},
          {"metadata", metadata(broker, std::move(name), std::move(labels))},
          {"spec", std::move(spec)}};
}

json::object plan_object(const Scope& scope, const BrokerView& broker, std::string name,
                         std::string_view class_name, osb::Plan& plan) {
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
  set_if_object(spec, "externalMetadata", std::move(plan.metadata));
  set_if_object(spec, "instanceCreateParameterSchema", std::move(plan.instance_create_schema));
  set_if_object(spec, "instanceUpdateParameterSchema", std::move(plan.instance_update_schema));
  set_if_object(spec, "serviceBindingCreateParameterSchema", std::move(plan.binding_create_schema));
  set_if_object(spec, "maintenanceInfo", std::move(plan.maintenance_info));
  json::object labels = labels_of_plan(scope, spec);
  return {{"apiVersion", scope.plans.api_version()},
          {"kind", scope.plans.kind},
          {"metadata", metadata(broker, std::move(name), std::move(labels))},
          {"spec", std::move(spec)}};
}

bool means_the_same(const json::value& stored, const json::value& wanted);

// A member that is null counts as absent: no merge patch can set one.
bool has_all(const json::object& object, const json::object& wanted) {
  return std::ranges::all_of(wanted, [&](const json::key_value_pair& member) {
    const json::value* found = object.if_contains(member.key());
    return found ? means_the_same(*found, member.value()) : member.value().is_null();
  });
}

// API servers give 1.0 back as 1.
bool means_the_same(const json::value& stored, const json::value& wanted) {
  if (stored.is_object() && wanted.is_object()) {
    return has_all(stored.get_object(), wanted.get_object()) &&
           has_all(wanted.get_object(), stored.get_object());
  }
  if (stored.is_array() && wanted.is_array()) {
    return std::ranges::equal(stored.get_array(), wanted.get_array(), means_the_same);
  }
  if (stored.is_double() || wanted.is_double()) {
    return stored.is_number() && wanted.is_number() &&
           stored.to_number<double>() == wanted.to_number<double>();
  }
  return stored == wanted;
}

// What of an existing object differs from the wanted one, as a merge patch; empty where nothing does. Fields
// of the spec that the catalog does not give (a user's defaultProvisionParameters) and foreign labels stay.
// Mostly nothing differs, so that is found out without copying anything.
json::object update_patch(const json::object& existing, const json::object& wanted) {
  json::object patch;
  const json::object& spec = ObjectView(existing).spec();
  const json::object& wanted_spec = ObjectView(wanted).spec();
  bool more = std::ranges::any_of(spec, [&](const json::key_value_pair& member) {
    return member.key() != "defaultProvisionParameters" && !wanted_spec.contains(member.key());
  });
  if (more || !has_all(spec, wanted_spec)) {
    json::object new_spec = wanted_spec;
    if (const json::value* defaults = spec.if_contains("defaultProvisionParameters")) {
      new_spec["defaultProvisionParameters"] = *defaults;
    }
    patch["spec"] = core::diff_as_merge_patch(spec, new_spec);
  }
  static const json::object none;
  const json::object* found = core::find_object(existing, {"metadata", "labels"});
  const json::object& labels = found ? *found : none;
  const json::object& wanted_labels = *core::find_object(wanted, {"metadata", "labels"});
  if (!has_all(labels, wanted_labels)) patch["metadata"] = json::object{{"labels", wanted_labels}};
  return patch;
}

bool is_marked_removed(const json::object& object) {
  return core::find_bool(object, {"status", "removedFromBrokerCatalog"}).value_or(false);
}

}  // namespace

core::Result<CatalogObjects> objects_of_catalog(const Scope& scope, const BrokerView& broker,
                                                osb::Catalog catalog, ObjectNames& class_names,
                                                ObjectNames& plan_names) {
  auto restrictions =
      CatalogRestrictions::parse(scope, broker.class_restrictions(), broker.plan_restrictions());
  if (!restrictions) return core::fail(restrictions.error());
  CatalogObjects objects;
  for (osb::Offering& offering : catalog.services) {
    json::object service_class = class_object(scope, broker, class_names.name_for(offering.id), offering);
    if (!restrictions->admit_class(service_class)) continue;
    std::size_t before = objects.plans.size();
    for (osb::Plan& plan : offering.plans) {
      json::object object =
          plan_object(scope, broker, plan_names.name_for(plan.id), kube::name_of(service_class), plan);
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

std::vector<CatalogChange> changes(std::vector<json::object> wanted,
                                   std::span<const json::object* const> existing, const IsUsed& is_used) {
  using Kind = CatalogChange::Kind;
  std::map<std::string_view, const json::object*> by_name;
  for (const json::object* object : existing) by_name[kube::name_of(*object)] = object;
  std::vector<CatalogChange> result;
  for (json::object& object : wanted) {
    std::string name(kube::name_of(object));
    auto found = by_name.find(name);
    if (found == by_name.end()) {
      result.push_back({Kind::create, std::move(name), std::move(object)});
      continue;
    }
    json::object patch = update_patch(*found->second, object);
    if (!patch.empty()) result.push_back({Kind::update, name, std::move(patch)});
    if (is_marked_removed(*found->second)) result.push_back({Kind::unmark, name, {}});
    by_name.erase(found);
  }
  for (const json::object* object : existing) {
    std::string name(kube::name_of(*object));
    if (!by_name.contains(name) || !is_managed(*object)) continue;
    if (!is_used(name)) {
      result.push_back({Kind::remove, std::move(name), {}});
    } else if (!is_marked_removed(*object)) {
      result.push_back({Kind::mark_removed, std::move(name), {}});
    }
  }
  return result;
}

std::vector<CatalogChange> leftovers(std::span<const json::object* const> existing, const IsUsed& is_used) {
  std::vector<CatalogChange> result;
  for (const json::object* object : existing) {
    std::string name(kube::name_of(*object));
    if (is_managed(*object) && is_marked_removed(*object) && !is_used(name)) {
      result.push_back({CatalogChange::Kind::remove, std::move(name), {}});
    }
  }
  return result;
}

}  // namespace catalog
