#include "simulation/aws/cloudformation/template.hpp"

#include <algorithm>
#include <charconv>

#include "core/yaml.hpp"
#include "simulation/aws/cloudformation/resource_types.hpp"

namespace simulation {

namespace json = boost::json;

namespace {

std::optional<double> number_at(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return std::nullopt;
  const std::string text = text_of(*value);
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

TemplateParameter parameter_of(const std::string& name, const json::object& given) {
  TemplateParameter parameter{.name = name, .type = std::string(core::find_string(given, {"Type"}))};
  if (const auto* value = given.if_contains("Default")) parameter.default_value = text_of(*value);
  if (const auto* values = core::find_array(given, {"AllowedValues"}))
    for (const json::value& value : *values) parameter.allowed_values.push_back(text_of(value));
  parameter.allowed_pattern = core::find_string(given, {"AllowedPattern"});
  if (!parameter.allowed_pattern.empty()) {
    try {
      parameter.pattern.emplace(parameter.allowed_pattern, std::regex::ECMAScript);
    } catch (const std::regex_error&) {
      parameter.pattern.reset();
    }
  }
  parameter.least = number_at(given, "MinValue");
  parameter.most = number_at(given, "MaxValue");
  if (const auto length = number_at(given, "MinLength"))
    parameter.shortest = static_cast<std::size_t>(*length);
  if (const auto length = number_at(given, "MaxLength"))
    parameter.longest = static_cast<std::size_t>(*length);
  parameter.constraint_description = core::find_string(given, {"ConstraintDescription"});
  if (const auto* value = given.if_contains("NoEcho")) parameter.no_echo = text_of(*value) == "true";
  return parameter;
}

bool is_logical_id(std::string_view name) {
  return !name.empty() && name.size() <= 255 &&
         std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0; });
}

// The names ${Name} and ${Name.Attribute} of Fn::Sub, without ${!Literal}.
std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t at = text.find("${"); at != text.npos; at = text.find("${", at + 2)) {
    const std::size_t end = text.find('}', at);
    if (end == text.npos) break;
    std::string_view name = text.substr(at + 2, end - at - 2);
    if (!name.empty() && name[0] != '!') names.emplace_back(name);
  }
  return names;
}

struct References {
  std::set<std::string> names;       // of Ref, GetAtt, Sub: resources, parameters, pseudo parameters
  std::set<std::string> conditions;  // of Fn::If and Condition
};

void collect(const json::value& value, References& found) {
  if (const auto* list = value.if_array()) {
    for (const json::value& each : *list) collect(each, found);
    return;
  }
  const auto* object = value.if_object();
  if (object == nullptr) return;
  if (object->size() == 1) {
    const auto& [name, argument] = *object->begin();
    if (name == "Ref" && argument.is_string()) {
      found.names.emplace(argument.get_string());
      return;
    }
    if (name == "Fn::GetAtt") {
      std::string of = argument.is_string() ? std::string(argument.get_string()) : "";
      if (const auto* parts = argument.if_array();
          parts != nullptr && !parts->empty() && parts->front().is_string())
        of = parts->front().get_string();
      found.names.insert(of.substr(0, of.find('.')));
      return;
    }
    if (name == "Fn::Sub") {
      std::set<std::string> local;
      const auto* parts = argument.if_array();
      const json::value& text = parts != nullptr && !parts->empty() ? parts->front() : argument;
      if (parts != nullptr && parts->size() > 1 && (*parts)[1].is_object()) {
        for (const auto& entry : (*parts)[1].get_object()) {
          local.emplace(entry.key());
          collect(entry.value(), found);
        }
      }
      if (text.is_string())
        for (const std::string& each : names_in(text.get_string()))
          if (!local.contains(each)) found.names.insert(each.substr(0, each.find('.')));
      return;
    }
    if (name == "Fn::If" && argument.is_array() && !argument.get_array().empty() &&
        argument.get_array().front().is_string())
      found.conditions.emplace(argument.get_array().front().get_string());
  }
  for (const auto& entry : *object) collect(entry.value(), found);
}

// Every reference names what there is.
Answer<> check_references(const Template& made, const References& found, const std::string& where) {
  for (const std::string& name : found.names) {
    if (name.starts_with("AWS::") || made.resources.contains(name) || made.find_parameter(name) != nullptr)
      continue;
    return validation_error("Template format error: Unresolved resource dependencies [" + name + "] in the " +
                            where + " block of the template");
  }
  for (const std::string& name : found.conditions)
    if (core::find(made.document, {"Conditions", name}) == nullptr)
      return validation_error("Template format error: Unresolved condition dependency " + name + " in the " +
                              where + " block of the template");
  return Reply{};
}

// A cycle's members, or nothing.
std::vector<std::string> cycle_of(const std::map<std::string, TemplateResource>& resources) {
  std::map<std::string, std::size_t> waits_for;
  for (const auto& [name, resource] : resources) waits_for[name] = resource.depends_on.size();
  bool moved = true;
  while (moved) {
    moved = false;
    for (auto at = waits_for.begin(); at != waits_for.end();) {
      const auto& depends = resources.at(at->first).depends_on;
      const bool is_free =
          std::ranges::none_of(depends, [&](const auto& each) { return waits_for.contains(each); });
      at = is_free ? waits_for.erase(at) : std::next(at);
      moved = moved || is_free;
    }
  }
  std::vector<std::string> members;
  for (const auto& [name, count] : waits_for) members.push_back(name);
  return members;
}

Answer<> read_resources(Template& made) {
  const auto* resources = core::find_object(made.document, {"Resources"});
  if (resources == nullptr || resources->empty())
    return validation_error("Template format error: At least one Resources member must be defined.");
  constexpr std::size_t most_resources = 500;
  if (resources->size() > most_resources)
    return validation_error("Template format error: Number of resources, " +
                            std::to_string(resources->size()) + ", is greater than maximum allowed, 500");
  for (const auto& entry : *resources) {
    TemplateResource resource{.logical_id = std::string(entry.key())};
    if (!is_logical_id(resource.logical_id))
      return validation_error("Template format error: Resource name " + resource.logical_id +
                              " is non alphanumeric.");
    const auto* body = entry.value().if_object();
    if (body == nullptr)
      return validation_error("Template format error: [/Resources/" + resource.logical_id +
                              "] resource definition is malformed");
    resource.type = core::find_string(*body, {"Type"});
    if (resource.type.empty())
      return validation_error("Template format error: [/Resources/" + resource.logical_id +
                              "] Every Resources object must contain a Type member.");
    if (!resource.type.starts_with("AWS::") && !resource.type.starts_with("Custom::"))
      return validation_error("Template format error: Unrecognized resource types: [" + resource.type + "]");
    resource.condition = core::find_string(*body, {"Condition"});
    resource.body = *body;
    for (const char* policy : {"DeletionPolicy", "UpdateReplacePolicy"})
      if (core::find_string(*body, {policy}) == "Snapshot" && !has_snapshots(resource.type))
        return validation_error("Template error: resource type " + resource.type +
                                " does not support deletion policy Snapshot");
    made.resources.emplace(resource.logical_id, std::move(resource));
  }
  for (auto& [name, resource] : made.resources) {
    References found;
    if (const auto* properties = resource.properties()) collect(*properties, found);
    if (!resource.condition.empty()) found.conditions.insert(resource.condition);
    if (auto checked = check_references(made, found, "Resources"); !checked) return checked;
    if (const json::value* given = resource.body.if_contains("DependsOn")) {
      json::array one;
      const auto* list = given->if_array();
      if (list == nullptr) {
        one.push_back(*given);
        list = &one;
      }
      for (const json::value& each : *list) {
        const std::string on(each.is_string() ? std::string_view(each.get_string()) : std::string_view());
        if (!made.resources.contains(on))
          return validation_error("Template format error: Unresolved resource dependencies [" + on +
                                  "] in the Resources block of the template");
        resource.depends_on.insert(on);
      }
    }
    for (const std::string& each : found.names)
      if (made.resources.contains(each)) resource.depends_on.insert(each);
  }
  if (const auto cycle = cycle_of(made.resources); !cycle.empty()) {
    std::string names;
    for (const std::string& each : cycle) names += (names.empty() ? "" : ", ") + each;
    return validation_error("Circular dependency between resources: [" + names + "]");
  }
  return Reply{};
}

}  // namespace

std::string text_of(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_double()) {
    std::string text = std::to_string(value.get_double());
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
    return text;
  }
  return core::to_text(value);
}

const TemplateParameter* Template::find_parameter(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, &TemplateParameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

bool Template::needs_iam_capability(bool& is_named) const {
  static const std::map<std::string, const char*, std::less<>> named_by{
      {"AWS::IAM::User", "UserName"},
      {"AWS::IAM::Role", "RoleName"},
      {"AWS::IAM::Group", "GroupName"},
      {"AWS::IAM::ManagedPolicy", "ManagedPolicyName"},
      {"AWS::IAM::InstanceProfile", "InstanceProfileName"}};
  static const std::set<std::string, std::less<>> unnamed{"AWS::IAM::AccessKey", "AWS::IAM::Policy",
                                                          "AWS::IAM::UserToGroupAddition"};
  bool needs = false;
  is_named = false;
  for (const auto& [name, resource] : resources) {
    const auto found = named_by.find(resource.type);
    needs = needs || found != named_by.end() || unnamed.contains(resource.type);
    const auto* properties = resource.properties();
    is_named =
        is_named || (found != named_by.end() && properties != nullptr && properties->contains(found->second));
  }
  return needs;
}

Answer<std::shared_ptr<const Template>> read_template(const std::string& body) {
  constexpr core::JsonLimits limits{.max_bytes = 2 * 1024 * 1024, .max_depth = 128};
  const std::size_t start = body.find_first_not_of(" \t\r\n");
  const bool is_json = start != body.npos && body[start] == '{';
  auto parsed = is_json ? core::parse_json(body, limits)
                        : core::parse_yaml(body, core::YamlTags::cloudformation, limits);
  if (!parsed)
    return validation_error("Template format error: " + std::string(is_json ? "JSON" : "YAML") +
                            " not well-formed. " + parsed.error().message);
  if (!parsed->is_object()) return validation_error("Template format error: unsupported structure.");
  auto made = std::make_shared<Template>();
  made->body = body;
  made->document = std::move(parsed->get_object());
  static const std::set<std::string, std::less<>> sections{"AWSTemplateFormatVersion",
                                                           "Description",
                                                           "Metadata",
                                                           "Parameters",
                                                           "Rules",
                                                           "Mappings",
                                                           "Conditions",
                                                           "Transform",
                                                           "Resources",
                                                           "Outputs",
                                                           "Hooks",
                                                           "Globals"};
  for (const auto& entry : made->document)
    if (!sections.contains(entry.key()))
      return validation_error("Invalid template property or properties [" + std::string(entry.key()) + "]");
  if (const json::value* version = made->document.if_contains("AWSTemplateFormatVersion");
      version != nullptr && text_of(*version) != "2010-09-09")
    return validation_error("Template format error: unsupported value for AWSTemplateFormatVersion.");
  if (core::find_string(made->document, {"Description"}).size() > 1'024)
    return validation_error("Template format error: 'Description' length is greater than 1024.");
  if (const json::value* transform = made->document.if_contains("Transform")) {
    if (transform->is_string()) made->transforms.emplace_back(transform->get_string());
    if (const auto* list = transform->if_array())
      for (const json::value& each : *list) made->transforms.push_back(text_of(each));
  }
  if (const auto* parameters = core::find_object(made->document, {"Parameters"})) {
    constexpr std::size_t most_parameters = 200;
    if (parameters->size() > most_parameters)
      return validation_error("Template format error: Number of parameters, " +
                              std::to_string(parameters->size()) + ", is greater than maximum allowed, 200");
    for (const auto& entry : *parameters) {
      const std::string name(entry.key());
      if (!is_logical_id(name))
        return validation_error("Template format error: Parameter name " + name + " is non alphanumeric.");
      if (!entry.value().is_object() || core::find_string(entry.value(), {"Type"}).empty())
        return validation_error("Template format error: Every Parameters object must contain a Type member.");
      made->parameters.push_back(parameter_of(name, entry.value().get_object()));
    }
  }
  if (auto read = read_resources(*made); !read) return std::unexpected(read.error());
  if (const auto* outputs = core::find_object(made->document, {"Outputs"})) {
    constexpr std::size_t most_outputs = 200;
    if (outputs->size() > most_outputs)
      return validation_error("Template format error: Number of outputs, " + std::to_string(outputs->size()) +
                              ", is greater than maximum allowed, 200");
    for (const auto& entry : *outputs) {
      if (!is_logical_id(entry.key()))
        return validation_error("Template format error: Output name " + std::string(entry.key()) +
                                " is non alphanumeric.");
      if (!entry.value().is_object() || core::find(entry.value(), {"Value"}) == nullptr)
        return validation_error("Template format error: Every Outputs member must contain a Value object");
    }
    References found;
    collect(*outputs, found);
    if (auto checked = check_references(*made, found, "Outputs"); !checked)
      return std::unexpected(checked.error());
  }
  return std::shared_ptr<const Template>(std::move(made));
}

}  // namespace simulation
