#include "simulation/checks/osb_catalog.hpp"

#include <algorithm>
#include <array>

#include "core/semver.hpp"

namespace simulation::osb_check {

namespace {

using Wrong = std::function<void(int duty, std::string)>;

std::string text_of(const json::object& object, std::string_view member) {
  return std::string(core::find_string(object, {member}));
}

void need_text(const json::object& object, std::string_view member, int duty, const std::string& where,
               const Wrong& wrong) {
  if (text_of(object, member).empty()) wrong(duty, where + " has no " + std::string(member));
}

void need_kind(const json::object& object, std::string_view member, json::kind kind, int duty,
               const std::string& where, const Wrong& wrong) {
  const json::value* value = object.if_contains(member);
  if (value != nullptr && value->kind() != kind)
    wrong(duty, where + ": " + std::string(member) + " is of the wrong type");
}

bool refers_outside(const json::value& schema) {
  if (const auto* object = schema.if_object()) {
    return std::ranges::any_of(*object, [](const json::key_value_pair& each) {
      const bool outside =
          each.key() == "$ref" && each.value().is_string() && !each.value().get_string().starts_with('#');
      return outside || refers_outside(each.value());
    });
  }
  const auto* array = schema.if_array();
  return array != nullptr && std::ranges::any_of(*array, refers_outside);
}

void check_schema(const json::object& plan, core::Path path, const std::string& where, const Wrong& wrong) {
  const json::object* schema = core::find_object(plan, path);
  if (schema == nullptr) return;
  constexpr std::size_t most = 64 * 1024;
  if (!schema->contains("$schema")) wrong(23, where + " has a schema without $schema");
  if (core::to_text(*schema).size() > most) wrong(23, where + " has a schema of more than 64 kB");
  if (refers_outside(*schema)) wrong(23, where + " has a schema that refers to another document");
}

void check_plan(const json::object& plan, const std::string& offering, std::set<std::string>& ids,
                std::set<std::string>& names, const Wrong& wrong) {
  const std::string name = text_of(plan, "name");
  const std::string where = "the plan " + offering + "/" + name;
  for (const std::string_view member : {"id", "name", "description"})
    need_text(plan, member, 19, where, wrong);
  if (!ids.insert(text_of(plan, "id")).second) wrong(19, where + " has an id that is there twice");
  if (!names.insert(name).second) wrong(19, where + " has a name that its offering has twice");
  for (const std::string_view flag : {"free", "bindable", "plan_updateable", "binding_rotatable"})
    need_kind(plan, flag, json::kind::bool_, 22, where, wrong);
  need_kind(plan, "metadata", json::kind::object, 22, where, wrong);
  const json::value* limit = plan.if_contains("maximum_polling_duration");
  if (limit != nullptr && !core::find_int(plan, {"maximum_polling_duration"}))
    wrong(22, where + ": maximum_polling_duration is no integer");
  if (const json::object* info = core::find_object(plan, {"maintenance_info"})) {
    if (!core::is_semantic_version(text_of(*info, "version")))
      wrong(24, where + ": maintenance_info.version is no semantic version");
  }
  check_schema(plan, {"schemas", "service_instance", "create", "parameters"}, where, wrong);
  check_schema(plan, {"schemas", "service_instance", "update", "parameters"}, where, wrong);
  check_schema(plan, {"schemas", "service_binding", "create", "parameters"}, where, wrong);
}

void check_offering(const json::object& offering, std::set<std::string>& ids, std::set<std::string>& names,
                    const Wrong& wrong) {
  const std::string name = text_of(offering, "name");
  const std::string where = "the offering " + name;
  for (const std::string_view member : {"id", "name", "description"})
    need_text(offering, member, 18, where, wrong);
  if (!ids.insert(text_of(offering, "id")).second) wrong(18, where + " has an id that is there twice");
  if (!names.insert(name).second) wrong(18, where + " has a name that is there twice");
  if (!core::find_bool(offering, {"bindable"})) wrong(18, where + " does not say whether it is bindable");
  constexpr std::array known{"syslog_drain", "route_forwarding", "volume_mount"};
  if (const json::array* needs = core::find_array(offering, {"requires"})) {
    for (const json::value& each : *needs) {
      const bool is_known = each.is_string() && std::ranges::find(known, each.get_string()) != known.end();
      if (!is_known) wrong(20, where + " requires something that is not specified");
    }
  }
  need_kind(offering, "tags", json::kind::array, 21, where, wrong);
  need_kind(offering, "metadata", json::kind::object, 21, where, wrong);
  for (const std::string_view flag :
       {"instances_retrievable", "bindings_retrievable", "allow_context_updates", "plan_updateable"})
    need_kind(offering, flag, json::kind::bool_, 21, where, wrong);
  const json::array* plans = core::find_array(offering, {"plans"});
  if (plans == nullptr || plans->empty()) return wrong(18, where + " has no plans");
  std::set<std::string> plan_names;
  for (const json::value& plan : *plans) {
    if (plan.is_object()) {
      check_plan(plan.get_object(), name, ids, plan_names, wrong);
    } else {
      wrong(19, where + " has a plan that is no object");
    }
  }
}

template <class Act>
void each_offering(const json::object& catalog, const Act& act) {
  const json::array* services = core::find_array(catalog, {"services"});
  if (services == nullptr) return;
  for (const json::value& service : *services) {
    if (service.is_object()) act(service.get_object());
  }
}

bool flag_of(const json::object& object, std::string_view member, bool otherwise) {
  return core::find_bool(object, {member}).value_or(otherwise);
}

}  // namespace

void check_catalog(const json::object& catalog, const Wrong& wrong) {
  if (core::find_array(catalog, {"services"}) == nullptr) return wrong(16, "the catalog has no services");
  std::set<std::string> ids, names;
  each_offering(catalog, [&](const json::object& each) { check_offering(each, ids, names, wrong); });
}

void KnownCatalogs::add(const json::object& catalog) {
  ++count_;
  each_offering(catalog, [this](const json::object& offering) {
    const std::string service = text_of(offering, "id");
    note(bindings_retrievable_, service, flag_of(offering, "bindings_retrievable", false));
    note(instances_retrievable_, service, flag_of(offering, "instances_retrievable", false));
    note(context_updates_, service, flag_of(offering, "allow_context_updates", false));
    std::set<std::string>& plans = services_[service];
    const json::array* offered = core::find_array(offering, {"plans"});
    if (offered == nullptr) return;
    for (const json::value& each : *offered) {
      const json::object* plan = each.if_object();
      if (plan == nullptr) continue;
      const std::string id = text_of(*plan, "id");
      plans.insert(id);
      note(bindable_, id, flag_of(*plan, "bindable", flag_of(offering, "bindable", false)));
      note(plan_updateable_, id,
           flag_of(*plan, "plan_updateable", flag_of(offering, "plan_updateable", false)));
      note(rotatable_, id, flag_of(*plan, "binding_rotatable", false));
      const std::string_view version = core::find_string(*plan, {"maintenance_info", "version"});
      if (!version.empty()) versions_.emplace(version);
      if (const auto limit = core::find_int(*plan, {"maximum_polling_duration"})) {
        const milliseconds wanted = std::chrono::seconds(*limit);
        const auto [entry, is_new] = limits_.try_emplace(id, wanted);
        entry->second = std::min(entry->second, wanted);
      }
    }
  });
}

bool KnownCatalogs::has_plan(const std::string& service_id, const std::string& plan_id) const {
  const auto found = services_.find(service_id);
  return found != services_.end() && found->second.contains(plan_id);
}

std::optional<bool> KnownCatalogs::sure(const Flags& flags, const std::string& key) {
  const auto found = flags.find(key);
  return found != flags.end() && found->second.size() == 1 ? std::optional(*found->second.begin())
                                                           : std::nullopt;
}
std::optional<bool> KnownCatalogs::bindable(const std::string& plan) const {
  return sure(bindable_, plan);
}
std::optional<bool> KnownCatalogs::plan_updateable(const std::string& plan) const {
  return sure(plan_updateable_, plan);
}
std::optional<bool> KnownCatalogs::rotatable(const std::string& plan) const {
  return sure(rotatable_, plan);
}
std::optional<bool> KnownCatalogs::bindings_retrievable(const std::string& service) const {
  return sure(bindings_retrievable_, service);
}
std::optional<bool> KnownCatalogs::instances_retrievable(const std::string& service) const {
  return sure(instances_retrievable_, service);
}
std::optional<bool> KnownCatalogs::context_updates(const std::string& service) const {
  return sure(context_updates_, service);
}
std::optional<milliseconds> KnownCatalogs::polling_limit(const std::string& plan) const {
  const auto found = limits_.find(plan);
  return found != limits_.end() ? std::optional(found->second) : std::nullopt;
}

void CatalogIds::check(const json::object& catalog, const Wrong& wrong) {
  each_offering(catalog, [&](const json::object& offering) {
    const std::string name = text_of(offering, "name"), id = text_of(offering, "id");
    const auto [known, is_new] = services_.try_emplace(name, id);
    if (known->second == id) return;
    wrong(17, "the offering " + name + " had the id " + known->second + " and has " + id + " now");
    known->second = id;
  });
}

}  // namespace simulation::osb_check
