#include "broker/operations/wanted_update.hpp"

#include <algorithm>

#include "broker/account_parameters.hpp"
#include "broker/dynamic_references.hpp"
#include "broker/plan_schema.hpp"
#include "broker/stack_tags.hpp"
#include "broker/value_text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;

PlanSchema schema_of(const Selection& selection) {
  return {*selection.service, *selection.plan, *selection.options};
}

// "" for what no one gave and has no default.
std::string value_now(const InstanceValues& values, const Template& service, std::string_view name) {
  for (const json::object* source : {&values.sent, &values.given}) {
    if (const json::value* value = source->if_contains(name)) return value_text(*value);
  }
  const TemplateParameter* parameter = service.find_parameter(name);
  return parameter != nullptr ? parameter->default_value.value_or("") : std::string();
}

// Platforms send again what has not changed.
core::Result<json::object> changes_of(const InstanceValues& values, const Template& service,
                                      const json::value& parameters) {
  json::object changes;
  const json::object* given = parameters.if_object();
  if (given == nullptr) return changes;
  for (const auto& entry : *given) {
    if (entry.value().is_null())
      return fail(ErrorKind::invalid, "The parameter " + std::string(entry.key()) + " must have a value.");
    if (value_text(entry.value()) != value_now(values, service, entry.key()))
      changes[entry.key()] = entry.value();
  }
  return changes;
}

core::Result<> check_changeable(const json::object& changes, const UpdateTarget& target) {
  const PlanSchema schema = schema_of(target.wanted);
  std::vector<std::string> changeable;
  for (const std::string& name : target.wanted.service->updatable_parameters) {
    if (schema.is_offered(name)) changeable.push_back(name);
  }
  for (const auto& entry : changes) {
    const std::string name(entry.key());
    const bool may = target.keeps_plan() ? std::ranges::find(changeable, name) != changeable.end()
                                         : !is_account_parameter(name);
    if (may) continue;
    std::string list;
    for (const std::string& each : changeable) list += (list.empty() ? "" : ", ") + each;
    return fail(ErrorKind::invalid,
                "The parameter " + name + " of an instance cannot be changed; " +
                    (list.empty() ? "none of this plan can." : "these can: " + list + "."));
  }
  return {};
}

std::string text_of(const json::object& tags, const char* name) {
  const std::string_view text = core::find_string(tags, {name});
  return text.empty() ? unknown_origin : std::string(text);
}

// The platform may have moved the instance. What the Go broker tagged is not recorded, and CloudFormation
// sets all tags or none.
core::Result<> place(json::object& tags, const json::value& context) {
  if (tags.empty()) return {};
  const Origin origin = origin_of(context, "", "");
  if (auto checked = check_no_dynamic_references(origin); !checked) return checked;
  if (origin.cluster != unknown_origin) tags[cluster_tag] = origin.cluster;
  if (origin.namespace_ != unknown_origin) tags[namespace_tag] = origin.namespace_;
  return {};
}

void set_all(json::object& into, const json::object& from) {
  for (const auto& entry : from) into[entry.key()] = entry.value();
}

core::Result<InstanceValues> changed_in_place(InstanceValues values, const UpdateTarget& target,
                                              const json::object& changes) {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& entry : changes) texts.emplace_back(entry.key(), value_text(entry.value()));
  if (auto checked = schema_of(target.wanted).check(texts); !checked) return fail(std::move(checked.error()));
  set_all(values.given, changes);
  for (const auto& [name, text] : texts) values.sent[name] = text;
  return values;
}

core::Result<InstanceValues> made_anew(const InstanceValues& values, const UpdateTarget& target,
                                       const json::object& changes, const json::object& requested,
                                       const Overrides& overrides) {
  const PlanSchema schema = schema_of(target.wanted);
  InstanceValues wanted;
  for (const auto& entry : values.given) {
    const bool known =
        target.wanted.service->find_parameter(entry.key()) != nullptr || is_account_parameter(entry.key());
    if (known && schema.is_offered(entry.key())) wanted.given[entry.key()] = entry.value();
  }
  // Also what equals the value of now: that may be the old plan's own, and the new one would give another.
  // What the new plan does not offer is refused below; only an upgrade drops it.
  for (const auto& entry : requested) {
    const bool known = target.wanted.service->find_parameter(entry.key()) != nullptr;
    if (known && (schema.is_offered(entry.key()) || !target.keeps_plan()))
      wanted.given[entry.key()] = entry.value();
  }
  set_all(wanted.given, changes);
  const Origin origin{.cluster = text_of(values.tags, cluster_tag),
                      .namespace_ = text_of(values.tags, namespace_tag)};
  // The stack keeps its tags; what was given for them is not judged anew.
  json::object without_tags = wanted.given;
  for (const char* name : {"user_tags", "admin_tags"}) without_tags.erase(name);
  const auto merged =
      merge_parameters(target.wanted, overrides.matching(origin, target.wanted.service->name), without_tags);
  if (!merged) return fail(merged.error());
  for (const auto& [name, text] : merged->template_values) wanted.sent[name] = text;
  wanted.tags = values.tags;
  return wanted;
}

}  // namespace

json::object without_plans_own(json::object given, const Selection& plan) {
  const PlanSchema schema = schema_of(plan);
  for (auto it = given.begin(); it != given.end();)
    it = schema.gives(it->key(), value_text(it->value())) ? given.erase(it) : std::next(it);
  return given;
}

core::Result<InstanceValues> wanted_values(const InstanceValues& values, const UpdateTarget& target,
                                           const Overrides& overrides, const osb::UpdateRequest& request) {
  InstanceValues placed = values;
  if (auto checked = place(placed.tags, request.context); !checked) return fail(std::move(checked.error()));
  const auto changes = changes_of(placed, *target.now.service, request.parameters);
  if (!changes) return fail(changes.error());
  if (auto checked = check_changeable(*changes, target); !checked) return fail(std::move(checked.error()));
  if (auto checked = check_no_dynamic_references(*changes); !checked) return fail(std::move(checked.error()));
  if (target.keeps_all()) return changed_in_place(std::move(placed), target, *changes);
  const json::object* requested = request.parameters.if_object();
  if (auto checked = check_no_dynamic_references(request.parameters); !checked)
    return fail(std::move(checked.error()));
  return made_anew(placed, target, *changes, requested != nullptr ? *requested : json::object(), overrides);
}

}  // namespace broker
