#include "broker/template.hpp"

#include <algorithm>

#include "broker/injection.hpp"
#include "broker/value_text.hpp"
#include "core/hash.hpp"
#include "core/semver.hpp"
#include "core/text.hpp"
#include "core/yaml.hpp"

namespace broker {

namespace json = boost::json;

namespace {

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr ? value_text(*value) : std::string();
}

// YAML authors write true and "true" alike.
bool flag_at(const json::object& object, std::string_view key) {
  return core::equal_ignoring_case(text_at(object, key), "true");
}

std::vector<std::string> texts_at(const json::object& object, core::Path path) {
  std::vector<std::string> texts;
  if (const auto* array = core::find_array(object, path)) {
    for (const json::value& each : *array) texts.push_back(value_text(each));
  }
  return texts;
}

std::vector<std::pair<std::string, std::string>> pairs_at(const json::object& object, std::string_view key) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (const auto* map = core::find_object(object, {key})) {
    for (const auto& entry : *map) pairs.emplace_back(entry.key(), value_text(entry.value()));
  }
  return pairs;
}

// "AWS Service Broker - Amazon S3 (qs-1nt0fs9sp)" without the id at its end.
std::string without_quickstart_id(std::string description) {
  const auto trim = [&description] {
    while (description.ends_with(' ') || description.ends_with('\n')) description.pop_back();
  };
  trim();
  const std::size_t start = description.rfind("(qs-");
  if (start != std::string::npos && description.find(')', start) + 1 == description.size()) {
    description.erase(start);
    trim();
  }
  return description;
}

bool is_list_type(std::string_view type) {
  return type == "CommaDelimitedList" || type.starts_with("List<");
}

TemplateParameter to_parameter(std::string name, const json::object& object, const json::object* labels) {
  TemplateParameter parameter{.name = std::move(name),
                              .is_number = text_at(object, "Type") == "Number",
                              .description = text_at(object, "Description"),
                              .allowed_values = texts_at(object, {"AllowedValues"}),
                              .allowed_pattern = text_at(object, "AllowedPattern"),
                              .constraint_description = text_at(object, "ConstraintDescription"),
                              .is_list = is_list_type(text_at(object, "Type")),
                              .no_echo = flag_at(object, "NoEcho")};
  if (object.contains("Default")) parameter.default_value = text_at(object, "Default");
  if (labels != nullptr) parameter.label = core::find_string(*labels, {parameter.name, "default"});
  return parameter;
}

TemplatePlan to_plan(std::string name, const json::object& object) {
  TemplatePlan plan{.name = std::move(name),
                    .display_name = text_at(object, "DisplayName"),
                    .description = text_at(object, "Description"),
                    .long_description = text_at(object, "LongDescription"),
                    .cost = text_at(object, "Cost"),
                    .costs = {},
                    .prescribed = pairs_at(object, "ParameterValues"),
                    .defaults = pairs_at(object, "ParameterDefaults")};
  if (const auto* costs = core::find_array(object, {"Costs"})) plan.costs = *costs;
  return plan;
}

// What was sent is kept as JSON without spaces: read again, not a byte of it may change.
std::optional<json::value> as_it_was_sent(const std::string& body) {
  auto parsed = core::parse_json(body);
  if (parsed && core::to_text(*parsed) == body) return std::move(*parsed);
  return std::nullopt;
}

core::Result<json::value> parse_body(const std::string& body, const std::optional<json::value>& sent) {
  if (sent) return *sent;
  return core::parse_yaml(body, core::YamlTags::cloudformation,
                          {.max_bytes = max_template_bytes, .max_depth = 64});
}

class Problems {
 public:
  explicit Problems(std::string origin) : origin_(std::move(origin)) {}
  [[nodiscard]] std::unexpected<core::Error> operator()(const std::string& what) const {
    return core::fail(core::ErrorKind::invalid, "template " + origin_ + ": " + what);
  }

 private:
  std::string origin_;
};

core::Result<> check_references(const Template& result, const Problems& problem) {
  for (const TemplatePlan& plan : result.plans) {
    for (const auto* list : {&plan.prescribed, &plan.defaults}) {
      for (const auto& [name, value] : *list) {
        if (result.find_parameter(name) == nullptr) {
          return problem("plan " + plan.name + " sets " + name +
                         ", which is not a parameter of the template");
        }
      }
    }
  }
  for (const std::string& name : result.updatable_parameters) {
    if (result.find_parameter(name) == nullptr) {
      return problem("UpdatableParameters names " + name + ", which is not a parameter of the template");
    }
  }
  return {};
}

void read_specification(Template& result, const json::object& specification) {
  result.name = text_at(specification, "Name");
  result.display_name = text_at(specification, "DisplayName");
  result.long_description = text_at(specification, "LongDescription");
  result.image_url = text_at(specification, "ImageUrl");
  result.documentation_url = text_at(specification, "DocumentationUrl");
  result.provider_display_name = text_at(specification, "ProviderDisplayName");
  result.tags = texts_at(specification, {"Tags"});
  result.outputs_as_is = flag_at(specification, "OutputsAsIs");
  result.cloud_foundry = flag_at(specification, "CloudFoundry");
  result.bind_via_lambda = flag_at(specification, "BindViaLambda");
  result.updatable_parameters = texts_at(specification, {"UpdatableParameters"});
}

void read_groups(Template& result, const json::object& document) {
  const json::array* groups =
      core::find_array(document, {"Metadata", "AWS::CloudFormation::Interface", "ParameterGroups"});
  if (groups == nullptr) return;
  for (const json::value& value : *groups) {
    const json::object* group = value.if_object();
    if (group == nullptr) continue;
    result.groups.push_back({.title = std::string(core::find_string(*group, {"Label", "default"})),
                             .parameters = texts_at(*group, {"Parameters"})});
  }
}

// Anywhere in a document; its depth is bounded.
bool has_key(const json::value& value, std::string_view key) {
  if (const json::array* list = value.if_array())
    return std::ranges::any_of(*list, [key](const json::value& each) { return has_key(each, key); });
  const json::object* object = value.if_object();
  return object != nullptr &&
         (object->contains(key) ||
          std::ranges::any_of(*object, [key](const auto& entry) { return has_key(entry.value(), key); }));
}

void read_policy_scopes(Template& result, const json::object& document) {
  const json::object* outputs = core::find_object(document, {"Outputs"});
  if (outputs == nullptr) return;
  for (const auto& entry : *outputs) {
    const std::string_view name = entry.key();
    if (name.starts_with(policy_output)) result.policy_scopes.emplace_back(name.substr(policy_output.size()));
  }
}

}  // namespace

const TemplateParameter* Template::find_parameter(std::string_view parameter) const {
  const auto found = std::ranges::find(parameters, parameter, &TemplateParameter::name);
  return found != parameters.end() ? &*found : nullptr;
}

const TemplatePlan* Template::find_plan(std::string_view plan) const {
  const auto found = std::ranges::find(plans, plan, &TemplatePlan::name);
  return found != plans.end() ? &*found : nullptr;
}

const TemplateOutput* Template::find_output(std::string_view output) const {
  // One that has the very name comes before what a Fn::ForEach may also have made of it.
  auto found = std::ranges::find_if(
      outputs, [&](const auto& each) { return !each.is_pattern && each.is_called(output); });
  if (found == outputs.end())
    found = std::ranges::find_if(outputs, [&](const auto& each) { return each.is_called(output); });
  return found != outputs.end() ? &*found : nullptr;
}

std::string too_long_for_a_request(std::size_t bytes) {
  return "it has " + std::to_string(bytes) + " bytes as JSON without spaces, but CloudFormation accepts " +
         std::to_string(max_request_bytes) +
         " in a request: let the broker read its templates from a bucket (--s3Bucket), from which it accepts "
         "more, or shorten descriptions and labels";
}

std::string too_long_for_a_bucket(std::size_t bytes) {
  return "it has " + std::to_string(bytes) + " bytes as JSON without spaces, but CloudFormation accepts " +
         std::to_string(max_object_bytes) +
         ": shorten descriptions and labels, or move resources into a nested stack "
         "(AWS::CloudFormation::Stack)";
}

core::Result<Template> parse_template(std::string body, const std::string& origin) {
  const Problems problem(origin);
  const auto sent = as_it_was_sent(body);
  auto parsed = parse_body(body, sent);
  if (!parsed) return problem(parsed.error().message);
  json::object* const document = parsed->if_object();
  if (document == nullptr) return problem("it is not a YAML map");
  const auto injected = inject(*document);
  if (!injected) return problem(injected.error().message);
  if (*injected || (!sent && body.size() > max_request_bytes)) body = core::to_text(*parsed);
  if (body.size() > max_object_bytes) return problem(too_long_for_a_bucket(body.size()));
  const json::object* specification =
      core::find_object(*document, {"Metadata", "AWS::ServiceBroker::Specification"});
  if (specification == nullptr) return problem("Metadata has no AWS::ServiceBroker::Specification");

  Template result;
  read_specification(result, *specification);
  if (result.name.empty()) return problem("AWS::ServiceBroker::Specification has no Name");
  if (specification->at("Name").is_structured())
    return problem("Name of AWS::ServiceBroker::Specification is not a text");
  result.description = without_quickstart_id(text_at(*document, "Description"));
  if (result.description.empty()) return problem("it has no Description");

  const json::object* labels =
      core::find_object(*document, {"Metadata", "AWS::CloudFormation::Interface", "ParameterLabels"});
  if (const auto* parameters = core::find_object(*document, {"Parameters"})) {
    for (const auto& entry : *parameters) {
      if (!entry.value().is_object())
        return problem("parameter " + std::string(entry.key()) + " is not a map");
      result.parameters.push_back(to_parameter(entry.key(), entry.value().get_object(), labels));
    }
  }
  read_groups(result, *document);
  read_policy_scopes(result, *document);
  result.outputs = template_outputs(*document);
  const json::object* plans = core::find_object(*specification, {"ServicePlans"});
  if (plans == nullptr || plans->empty())
    return problem("AWS::ServiceBroker::Specification has no ServicePlans");
  for (const auto& entry : *plans) {
    if (!entry.value().is_object()) return problem("plan " + std::string(entry.key()) + " is not a map");
    result.plans.push_back(to_plan(entry.key(), entry.value().get_object()));
    if (result.plans.back().description.empty())
      return problem("plan " + std::string(entry.key()) + " has no Description");
  }
  const json::object* resources = core::find_object(*document, {"Resources"});
  if (resources == nullptr || resources->empty()) return problem("it has no Resources");
  result.resource_count = resources->size();
  result.has_injected_user = resources->contains(injected_user);
  result.has_transform = document->contains("Transform") || has_key(*parsed, "Fn::Transform");
  result.has_nested_stack = std::ranges::any_of(*resources, [](const auto& entry) {
    return core::find_string(entry.value(), {"Type"}) == "AWS::CloudFormation::Stack";
  });
  if (auto checked = check_references(result, problem); !checked)
    return core::fail(std::move(checked.error()));
  result.digest = core::sha256_hex(body);
  result.body = std::move(body);
  if (const auto* longest = core::find(*specification, {"MaximumPollingDuration"})) {
    const std::int64_t seconds = longest->is_int64() ? longest->get_int64() : 0;
    if (seconds <= 0) return problem("MaximumPollingDuration is not a positive number of seconds");
    result.maximum_polling_duration = std::chrono::seconds(seconds);
  }
  result.maintenance_version = text_at(*specification, "TemplateVersion");
  if (result.maintenance_version.empty()) result.maintenance_version = "1.0.0+" + result.digest.substr(0, 12);
  if (!core::is_semantic_version(result.maintenance_version)) {
    return problem("TemplateVersion " + result.maintenance_version +
                   " is not a semantic version, as \"1.2.3\" is one");
  }
  return result;
}

core::Result<json::object> document_of(const Template& service) {
  auto parsed = parse_body(service.body, as_it_was_sent(service.body));
  if (!parsed) return core::fail(std::move(parsed.error()));
  if (!parsed->is_object())
    return core::fail(core::ErrorKind::invalid, "The template of " + service.name + " is not a map.");
  return std::move(parsed->get_object());
}

}  // namespace broker
