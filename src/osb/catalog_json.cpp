// The catalog: read tolerantly (unknown fields), but not without what the specification requires, and not
// whatever its size: each plan becomes an object of the API server.
#include <set>

#include "core/log.hpp"
#include "core/text.hpp"
#include "osb/types.hpp"

namespace osb {

namespace {

constexpr std::size_t most_plans = 10'000;  // twice the largest catalog that is known
constexpr std::size_t longest_name = 1024;  // of a name or an id

std::unexpected<core::Error> invalid_catalog(const std::string& what) {
  return core::fail(core::ErrorKind::protocol, "the broker's catalog is invalid: " + what);
}

core::Result<std::string> required_text(const json::object& object, std::string_view key,
                                        const std::string& where) {
  const std::string_view text = core::find_string(object, {key});
  if (text.empty()) return invalid_catalog(where + " has no \"" + std::string(key) + "\"");
  return std::string(text);
}

// What others are told apart by.
core::Result<std::string> required_name(const json::object& object, std::string_view key,
                                        const std::string& where) {
  auto name = required_text(object, key, where);
  if (name && name->size() > longest_name)
    return invalid_catalog(where + " has a \"" + std::string(key) + "\" of more than " +
                           std::to_string(longest_name) + " characters");
  return name;
}

json::value object_or_null(const json::object& object, core::Path path) {
  const json::object* found = core::find_object(object, path);
  return found != nullptr ? json::value(*found) : json::value();
}

// Schemas "MUST NOT be larger than 64kB" (spec.md, "Schemas Object"). One that is much larger would make its
// plan an object that no API server stores; without it the plan is offered, and the broker checks.
json::value schema_or_null(const json::object& object, core::Path path) {
  constexpr std::size_t largest = 256UL * 1024;
  json::value schema = object_or_null(object, path);
  const std::size_t size = schema.is_object() ? core::to_text(schema).size() : 0;
  if (size <= largest) return schema;
  core::log::warn("The schema of a plan is too large and is left out",
                  {{"plan", core::shortened(core::find_string(object, {"name"}), 100)},
                   {"bytes", size},
                   {"limit", largest}});
  return nullptr;
}

std::vector<std::string> texts(const json::object& object, std::string_view key) {
  std::vector<std::string> found;
  if (const auto* array = core::find_array(object, {key})) {
    for (const json::value& each : *array) {
      if (each.is_string()) found.emplace_back(each.get_string());
    }
  }
  return found;
}

core::Result<Plan> to_plan(const json::object& object, const std::string& where) {
  Plan plan;
  auto name = required_name(object, "name", "a plan of " + where);
  if (!name) return core::fail(std::move(name.error()));
  plan.name = std::move(*name);
  const std::string here = "plan \"" + plan.name + "\" of " + where;
  auto id = required_name(object, "id", here);
  if (!id) return core::fail(std::move(id.error()));
  plan.id = std::move(*id);
  auto description = required_text(object, "description", here);
  if (!description) return core::fail(std::move(description.error()));
  plan.description = std::move(*description);
  plan.free = core::find_bool(object, {"free"}).value_or(true);
  plan.bindable = core::find_bool(object, {"bindable"});
  plan.plan_updateable = core::find_bool(object, {"plan_updateable"});
  plan.binding_rotatable = core::find_bool(object, {"binding_rotatable"}).value_or(false);
  plan.metadata = object_or_null(object, {"metadata"});
  plan.instance_create_schema =
      schema_or_null(object, {"schemas", "service_instance", "create", "parameters"});
  plan.instance_update_schema =
      schema_or_null(object, {"schemas", "service_instance", "update", "parameters"});
  plan.binding_create_schema = schema_or_null(object, {"schemas", "service_binding", "create", "parameters"});
  if (const auto limit = core::find_int(object, {"maximum_polling_duration"}); limit && *limit > 0) {
    plan.maximum_polling_duration = std::chrono::seconds(*limit);
  }
  plan.maintenance_info = object_or_null(object, {"maintenance_info"});
  return plan;
}

core::Result<Offering> to_offering(const json::object& object) {
  Offering offering;
  auto name = required_name(object, "name", "a service");
  if (!name) return core::fail(std::move(name.error()));
  offering.name = std::move(*name);
  const std::string here = "service \"" + offering.name + "\"";
  auto id = required_name(object, "id", here);
  if (!id) return core::fail(std::move(id.error()));
  offering.id = std::move(*id);
  auto description = required_text(object, "description", here);
  if (!description) return core::fail(std::move(description.error()));
  offering.description = std::move(*description);
  const auto bindable = core::find_bool(object, {"bindable"});
  if (!bindable) return invalid_catalog(here + " has no \"bindable\"");
  offering.bindable = *bindable;
  offering.instances_retrievable = core::find_bool(object, {"instances_retrievable"}).value_or(false);
  offering.bindings_retrievable = core::find_bool(object, {"bindings_retrievable"}).value_or(false);
  offering.allow_context_updates = core::find_bool(object, {"allow_context_updates"}).value_or(false);
  offering.plan_updateable = core::find_bool(object, {"plan_updateable"}).value_or(false);
  offering.tags = texts(object, "tags");
  offering.requires_ = texts(object, "requires");
  offering.metadata = object_or_null(object, {"metadata"});
  offering.dashboard_client = object_or_null(object, {"dashboard_client"});

  const json::array* plans = core::find_array(object, {"plans"});
  if (plans == nullptr || plans->empty()) return invalid_catalog(here + " has no plans");
  std::set<std::string> names;
  for (const json::value& value : *plans) {
    if (!value.is_object()) return invalid_catalog("a plan of " + here + " is not an object");
    auto plan = to_plan(value.get_object(), here);
    if (!plan) return core::fail(std::move(plan.error()));
    if (!names.insert(plan->name).second)
      return invalid_catalog(here + " has two plans named \"" + plan->name + "\"");
    offering.plans.push_back(std::move(*plan));
  }
  return offering;
}

void set_object(json::object& object, std::string_view key, const json::value& value) {
  if (value.is_object()) object[key] = value;
}

json::object plan_to_json(const Plan& plan) {
  json::object object{
      {"id", plan.id}, {"name", plan.name}, {"description", plan.description}, {"free", plan.free}};
  if (plan.bindable) object["bindable"] = *plan.bindable;
  if (plan.plan_updateable) object["plan_updateable"] = *plan.plan_updateable;
  if (plan.binding_rotatable) object["binding_rotatable"] = true;
  set_object(object, "metadata", plan.metadata);
  if (plan.instance_create_schema.is_object()) {
    core::set(object, {"schemas", "service_instance", "create", "parameters"}, plan.instance_create_schema);
  }
  if (plan.instance_update_schema.is_object()) {
    core::set(object, {"schemas", "service_instance", "update", "parameters"}, plan.instance_update_schema);
  }
  if (plan.binding_create_schema.is_object()) {
    core::set(object, {"schemas", "service_binding", "create", "parameters"}, plan.binding_create_schema);
  }
  if (plan.maximum_polling_duration)
    object["maximum_polling_duration"] = plan.maximum_polling_duration->count();
  set_object(object, "maintenance_info", plan.maintenance_info);
  return object;
}

json::object offering_to_json(const Offering& offering) {
  json::object object{{"id", offering.id},
                      {"name", offering.name},
                      {"description", offering.description},
                      {"bindable", offering.bindable},
                      {"plan_updateable", offering.plan_updateable}};
  if (offering.instances_retrievable) object["instances_retrievable"] = true;
  if (offering.bindings_retrievable) object["bindings_retrievable"] = true;
  if (offering.allow_context_updates) object["allow_context_updates"] = true;
  if (!offering.tags.empty()) object["tags"] = json::value_from(offering.tags);
  if (!offering.requires_.empty()) object["requires"] = json::value_from(offering.requires_);
  set_object(object, "metadata", offering.metadata);
  set_object(object, "dashboard_client", offering.dashboard_client);
  json::array plans;
  for (const Plan& plan : offering.plans) plans.push_back(plan_to_json(plan));
  object["plans"] = std::move(plans);
  return object;
}

}  // namespace

core::Result<Catalog> catalog_from_json(const json::value& value) {
  const json::array* services = core::find_array(value, {"services"});
  if (services == nullptr) return invalid_catalog("it has no \"services\"");
  Catalog catalog;
  std::set<std::string> names;
  std::set<std::string> ids;
  std::size_t plans = 0;
  for (const json::value& service : *services) {
    if (!service.is_object()) return invalid_catalog("a service is not an object");
    auto offering = to_offering(service.get_object());
    if (!offering) return core::fail(std::move(offering.error()));
    if (!names.insert(offering->name).second)
      return invalid_catalog("two services are named \"" + offering->name + "\"");
    if (!ids.insert(offering->id).second)
      return invalid_catalog("the id " + offering->id + " is there twice");
    plans += offering->plans.size();
    if (plans > most_plans)
      return invalid_catalog("it has more than " + std::to_string(most_plans) + " plans");
    for (const Plan& plan : offering->plans) {
      if (!ids.insert(plan.id).second) return invalid_catalog("the id " + plan.id + " is there twice");
    }
    catalog.services.push_back(std::move(*offering));
  }
  return catalog;
}

json::object to_json(const Catalog& catalog) {
  json::array services;
  for (const Offering& offering : catalog.services) services.push_back(offering_to_json(offering));
  return {{"services", std::move(services)}};
}

}  // namespace osb
