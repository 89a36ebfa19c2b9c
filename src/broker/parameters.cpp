#include "broker/parameters.hpp"

#include <algorithm>

#include "broker/account_parameters.hpp"
#include "broker/dynamic_references.hpp"
#include "broker/plan_schema.hpp"
#include "broker/value_text.hpp"
#include "core/text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;

core::Result<> append_tags(std::vector<std::pair<std::string, std::string>>& tags, std::string_view parameter,
                           std::string_view text) {
  if (text.empty()) return {};
  const auto wrong = [parameter] {
    return fail(ErrorKind::invalid,
                "The parameter " + std::string(parameter) +
                    R"( must be a JSON list of tags such as [{"Key": "team", "Value": "blue"}].)");
  };
  const auto parsed = core::parse_json(text);
  const json::array* list = parsed ? parsed->if_array() : nullptr;
  if (list == nullptr) return wrong();
  for (const json::value& each : *list) {
    const std::string_view key = core::find_string(each, {"Key"});
    const json::value* value = core::find(each, {"Value"});
    if (key.empty() || value == nullptr || !value->is_string()) return wrong();
    tags.emplace_back(key, core::find_string(each, {"Value"}));
  }
  return {};
}

// By these a stack and what it holds are known to be an instance's; IAM compares keys without regard to case.
core::Result<> check_user_tags(const std::vector<std::pair<std::string, std::string>>& tags) {
  constexpr std::string_view own = "aws-service-broker:";
  for (const auto& [key, value] : tags) {
    const std::string name = core::shortened(key, 128);
    if (core::to_lower(key).starts_with(own))
      return fail(ErrorKind::invalid, "The parameter user_tags has the tag " + name +
                                          ", but only the broker sets tags that begin with " +
                                          std::string(own) + ".");
    for (const std::string& each : {key, value}) {
      auto checked =
          check_no_dynamic_reference("The tag " + name + " in the parameter user_tags", json::value(each));
      if (!checked) return checked;
    }
  }
  return {};
}

bool is_no_tags(std::string_view text) {
  return core::trimmed(text).empty() || core::trimmed(text) == "[]";
}

// Forms send it back as it was offered.
core::Result<> check_admin_tags(const Values& values, const std::string& given) {
  const auto found = values.find("admin_tags");
  const std::string& set = found != values.end() ? found->second : std::string();
  if (given == set || (is_no_tags(given) && is_no_tags(set))) return {};
  return fail(ErrorKind::invalid,
              "The parameter admin_tags is not available: only the administrator sets it. Use user_tags.");
}

}  // namespace

Overrides Overrides::from_environment(std::string_view broker_id,
                                      const std::vector<std::string>& environment) {
  Overrides overrides;
  const std::string prefix = "PARAM_OVERRIDE_" + std::string(broker_id) + "_";
  overrides.prefix_ = prefix;
  for (const std::string& entry : environment) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || !entry.starts_with(prefix)) continue;
    overrides.overrides_.push_back(
        {.rest = entry.substr(prefix.size(), equals - prefix.size()), .value = entry.substr(equals + 1)});
  }
  return overrides;
}

Values Overrides::matching(const Origin& origin, std::string_view class_name) const {
  Values values;
  // From the least specific to the most: a later one overwrites.
  for (const std::string& cluster : {std::string("all"), origin.cluster}) {
    for (const std::string& name_space : {std::string("all"), origin.namespace_}) {
      for (const std::string& service : {std::string("all"), std::string(class_name)}) {
        const std::string prefix = cluster + "_" + name_space + "_" + service + "_";
        for (const Override& each : overrides_) {
          if (each.rest.size() > prefix.size() && each.rest.starts_with(prefix))
            values[each.rest.substr(prefix.size())] = each.value;
        }
      }
    }
  }
  return values;
}

std::set<std::string, std::less<>> Overrides::for_everyone() const {
  constexpr std::string_view prefix = "all_all_all_";
  std::set<std::string, std::less<>> names;
  for (const Override& each : overrides_) {
    if (each.rest.size() > prefix.size() && each.rest.starts_with(prefix))
      names.insert(each.rest.substr(prefix.size()));
  }
  return names;
}

std::vector<Values> Overrides::each_with(std::string_view parameter) const {
  const std::string suffix = "_" + std::string(parameter);
  std::vector<Values> found;
  for (const Override& each : overrides_) {
    if (!each.rest.ends_with(suffix)) continue;
    const std::string place = each.rest.substr(0, each.rest.size() - suffix.size());
    // Names may hold '_' themselves: each way to read the place.
    for (std::size_t one = place.find('_'); one != std::string::npos; one = place.find('_', one + 1)) {
      for (std::size_t two = place.find('_', one + 1); two != std::string::npos;
           two = place.find('_', two + 1)) {
        const Origin origin{.cluster = place.substr(0, one),
                            .namespace_ = place.substr(one + 1, two - one - 1)};
        found.push_back(matching(origin, place.substr(two + 1)));
      }
    }
  }
  return found;
}

Values Overrides::by_place(std::string_view parameter) const {
  const std::string suffix = "_" + std::string(parameter);
  Values values;
  for (const Override& each : overrides_) {
    if (each.rest.ends_with(suffix))
      values[each.rest.substr(0, each.rest.size() - suffix.size())] = each.value;
  }
  return values;
}

std::string Overrides::name_of(std::string_view place, std::string_view parameter) const {
  return prefix_ + std::string(place) + "_" + std::string(parameter);
}

core::Result<StackParameters> merge_parameters(const Selection& selection, const Values& overrides,
                                               const json::value& user_parameters) {
  const Template& service = *selection.service;
  const PlanSchema schema(service, *selection.plan, *selection.options);
  Values values;
  for (const auto& [name, value] : selection.plan->defaults) values[name] = value;
  for (const auto& [name, value] : overrides) {
    if (is_key_parameter(name)) continue;
    if (service.find_parameter(name) != nullptr || is_account_parameter(name)) values[name] = value;
  }
  for (const auto& [name, value] : selection.plan->prescribed) values[name] = value;
  if (const auto* given = user_parameters.if_object()) {
    for (const auto& entry : *given) {
      const std::string name(entry.key());
      const bool known = service.find_parameter(name) != nullptr || is_account_parameter(name);
      if (!known || is_key_parameter(name) || !schema.is_offered(name))
        return fail(ErrorKind::invalid, "The parameter " + name + " is not available.");
      if (entry.value().is_null())
        return fail(ErrorKind::invalid, "The parameter " + name + " must have a value.");
      std::string text = value_text(entry.value());
      if (name == "admin_tags") {
        if (auto checked = check_admin_tags(values, text); !checked) return fail(std::move(checked.error()));
        continue;
      }
      values[name] = std::move(text);
    }
  }

  StackParameters result;
  for (const TemplateParameter& parameter : service.parameters) {
    const auto found = values.find(parameter.name);
    if (found == values.end()) {
      if (!parameter.default_value)
        return fail(ErrorKind::invalid, "The parameter " + parameter.name + " is required.");
      continue;
    }
    result.template_values.emplace_back(parameter.name, found->second);
  }
  if (auto checked = schema.check(result.template_values); !checked) return fail(std::move(checked.error()));
  result.region = values["region"];
  result.target_role_name = values["target_role_name"];
  result.target_account_id = values["target_account_id"];
  if (const auto id = overrides.find(access_key_parameter); id != overrides.end())
    result.access_key_id = id->second;
  for (const std::string_view name : {"user_tags", "admin_tags"}) {
    const auto found = values.find(name);
    if (found == values.end()) continue;
    if (auto appended = append_tags(result.tags, name, found->second); !appended)
      return fail(std::move(appended.error()));
    if (name != "user_tags" || core::find(user_parameters, {name}) == nullptr) continue;
    if (auto checked = check_user_tags(result.tags); !checked) return fail(std::move(checked.error()));
  }
  return result;
}

}  // namespace broker
