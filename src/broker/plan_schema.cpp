#include "broker/plan_schema.hpp"

#include <algorithm>
#include <charconv>

#include "broker/account_parameters.hpp"
#include "broker/allowed_pattern.hpp"
#include "broker/sealed_values.hpp"
#include "core/schema.hpp"

namespace broker {

namespace json = boost::json;

namespace {

constexpr const char* schema_draft = "http://json-schema.org/draft-06/schema#";

const std::string* find_value(const std::vector<std::pair<std::string, std::string>>& pairs,
                              std::string_view name) {
  const auto found =
      std::ranges::find(pairs, name, [](const auto& pair) { return std::string_view(pair.first); });
  return found != pairs.end() ? &found->second : nullptr;
}

// A value as the schema's type has it: 5 and not "5" for a Number. What is no number stays a text.
json::value typed(const TemplateParameter& parameter, const std::string& text) {
  constexpr std::string_view spaces = " \t\r\n";  // a JSON parser skips them, CloudFormation does not
  if (!parameter.is_number || text.find_first_of(spaces) != std::string::npos) return json::value(text);
  auto number = core::parse_json(text);
  return number && number->is_number() ? std::move(*number) : json::value(text);
}

json::object property_of(const TemplateParameter& parameter, const std::string* default_value) {
  json::object property;
  bool has_fraction = false;
  const auto value_of = [&](const std::string& text) {
    json::value value = typed(parameter, text);
    has_fraction = has_fraction || value.is_double();
    return value;
  };
  if (!parameter.description.empty()) property["description"] = parameter.description;
  property["type"] = "string";
  if (default_value != nullptr) property["default"] = value_of(*default_value);
  if (!parameter.allowed_values.empty()) {
    json::array allowed;
    for (const std::string& value : parameter.allowed_values) allowed.push_back(value_of(value));
    property["enum"] = std::move(allowed);
  }
  if (parameter.is_number) property["type"] = has_fraction ? "number" : "integer";
  if (!parameter.label.empty()) property["title"] = parameter.label;
  return property;
}

json::object object_schema(json::object properties) {
  return {{"$schema", schema_draft}, {"type", "object"}, {"properties", std::move(properties)}};
}

}  // namespace

bool PlanSchema::is_offered(std::string_view name) const {
  return find_value(plan_.prescribed, name) == nullptr && !options_.hidden_parameters.contains(name);
}

const std::string* PlanSchema::default_of(const TemplateParameter& parameter) const {
  const std::string* value = find_value(plan_.defaults, parameter.name);
  return value == nullptr && parameter.default_value ? &*parameter.default_value : value;
}

bool PlanSchema::gives(std::string_view name, std::string_view value) const {
  if (const std::string* prescribed = find_value(plan_.prescribed, name)) return *prescribed == value;
  if (const TemplateParameter* parameter = service_.find_parameter(name)) {
    const std::string* by_default = default_of(*parameter);
    return by_default != nullptr && *by_default == value;
  }
  return std::ranges::any_of(account_parameters(), [&](const AccountParameter& each) {
    return each.name == name && core::find_string(each.property, {"default"}) == value;
  });
}

json::object PlanSchema::create() const {
  json::object properties;
  json::array required;
  for (const TemplateParameter& parameter : service_.parameters) {
    if (!is_offered(parameter.name)) continue;
    const std::string* value = default_of(parameter);
    properties[parameter.name] = property_of(parameter, value);
    if (value == nullptr) required.emplace_back(parameter.name);
  }
  for (const AccountParameter& parameter : account_parameters()) {
    if (!options_.hidden_parameters.contains(parameter.name)) properties[parameter.name] = parameter.property;
  }
  json::object schema = object_schema(std::move(properties));
  if (!required.empty()) schema["required"] = std::move(required);
  json::object prescribed;
  for (const auto& [name, value] : plan_.prescribed) prescribed[name] = value;
  if (!prescribed.empty()) schema["prescribed"] = std::move(prescribed);
  schema["openshift_form_definition"] = form();
  return schema;
}

json::value PlanSchema::update() const {
  json::object properties;
  for (const std::string& name : service_.updatable_parameters) {
    if (is_offered(name)) properties[name] = property_of(*service_.find_parameter(name), nullptr);
  }
  if (properties.empty()) return nullptr;
  for (const AccountParameter& parameter : account_parameters()) {
    if (parameter.name != consent_parameter || !is_offered(parameter.name)) continue;
    json::object property = parameter.property;
    property.erase("default");
    properties[parameter.name] = std::move(property);
  }
  return object_schema(std::move(properties));
}

json::array PlanSchema::form() const {
  json::array fieldsets;
  const auto add = [&fieldsets](std::string_view title, json::array items) {
    if (!items.empty())
      fieldsets.push_back({{"Type", "fieldset"}, {"Title", title}, {"Items", std::move(items)}});
  };
  for (const ParameterGroup& group : service_.groups) {
    json::array items;
    for (const std::string& name : group.parameters) {
      if (service_.find_parameter(name) != nullptr && is_offered(name)) items.emplace_back(name);
    }
    add(group.title, std::move(items));
  }
  json::array account_items;
  for (const AccountParameter& parameter : account_parameters()) {
    if (!options_.hidden_parameters.contains(parameter.name)) account_items.emplace_back(parameter.name);
  }
  add(account_parameter_group, std::move(account_items));
  return fieldsets;
}

core::Result<> PlanSchema::check(const std::vector<std::pair<std::string, std::string>>& values) const {
  json::object properties;
  json::object given;
  for (const auto& [name, text] : values) {
    const TemplateParameter* parameter = service_.find_parameter(name);
    if (parameter == nullptr) continue;
    properties[name] = property_of(*parameter, default_of(*parameter));
    given[name] = typed(*parameter, text);
    if (auto allowed = check_allowed_pattern(*parameter, text); !allowed) return allowed;
  }
  const auto schema = core::JsonSchema::compile(object_schema(std::move(properties)));
  if (!schema) return core::fail(schema.error());
  const auto violations = schema->validate(given);
  if (violations.empty()) return {};
  const core::SchemaViolation& first = violations.front();
  const std::string name = first.path.substr(1);                   // a JSON pointer
  const bool is_secret = SealedValues::is_secret(service_, name);  // the message would quote it
  return core::fail(core::ErrorKind::invalid,
                    "The parameter " + name + " " + (is_secret ? "has no valid value" : first.message) + ".");
}

}  // namespace broker
