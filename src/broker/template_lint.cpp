#include "broker/template_lint.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "broker/credentials.hpp"
#include "broker/injection.hpp"
#include "broker/template.hpp"
#include "broker/value_text.hpp"
#include "core/semver.hpp"
#include "core/yaml.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using Severity = TemplateFinding::Severity;
using Keys = std::span<const std::string_view>;

constexpr std::string_view specification_path = "Metadata/AWS::ServiceBroker::Specification";
constexpr std::string_view interface_path = "Metadata/AWS::CloudFormation::Interface";

constexpr std::string_view specification_keys[] = {"Version",
                                                   "Name",
                                                   "DisplayName",
                                                   "LongDescription",
                                                   "ImageUrl",
                                                   "DocumentationUrl",
                                                   "ProviderDisplayName",
                                                   "TemplateVersion",
                                                   "OutputsAsIs",
                                                   "Tags",
                                                   "CloudFoundry",
                                                   "BindViaLambda",
                                                   "MakesSubnets",
                                                   "Bindings",
                                                   "UpdatableParameters",
                                                   "MaximumPollingDuration",
                                                   "ServicePlans"};
constexpr std::string_view plan_keys[] = {"DisplayName", "Description",     "LongDescription",  "Cost",
                                          "Costs",       "ParameterValues", "ParameterDefaults"};
constexpr std::string_view binding_keys[] = {"IAM", "CFNOutputs"};
constexpr std::string_view iam_keys[] = {"AddKeypair", "Policies"};

// Resources whose deletion takes a user's data with it.
constexpr std::string_view stateful_types[] = {
    "AWS::AmazonMQ::Broker",          "AWS::Cognito::UserPool", "AWS::DocDB::DBCluster",
    "AWS::DynamoDB::Table",           "AWS::EFS::FileSystem",   "AWS::ElastiCache::ReplicationGroup",
    "AWS::Elasticsearch::Domain",     "AWS::KMS::Key",          "AWS::Kinesis::Stream",
    "AWS::OpenSearchService::Domain", "AWS::RDS::DBCluster",    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",         "AWS::S3::Bucket",        "AWS::SQS::Queue",
    "AWS::CodeCommit::Repository"};

bool is_one_of(std::string_view text, Keys keys) {
  return std::ranges::find(keys, text) != keys.end();
}

bool is_true(const json::object& object, core::Path path) {
  const json::value* const flag = core::find(object, path);
  return flag != nullptr && (value_text(*flag) == "true" || value_text(*flag) == "True");
}

bool has_text(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  return value != nullptr && !value->is_structured() && !value_text(*value).empty();
}

std::string below(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : std::string(path) + "/" + std::string(key);
}

class Linter {
 public:
  explicit Linter(const json::object& document) : document_(document) {}

  // `size`: bytes of the author's text.
  std::vector<TemplateFinding> run(std::size_t size) {
    parameters_ = map_at(document_, "", "Parameters");
    require_text(document_, "", "Description");
    if (const auto* found = core::find_object(document_, {"Metadata", "AWS::ServiceBroker::Specification"})) {
      check_specification(*found);
    } else {
      error(specification_path, "it is missing");
    }
    check_interface();
    check_parameters();
    check_resources();
    check_outputs();
    check_expanded(size);
    return std::move(findings_);
  }

 private:
  void error(std::string_view path, std::string what) {
    findings_.push_back({.severity = Severity::error, .path = std::string(path), .what = std::move(what)});
  }
  void warn(std::string_view path, std::string what) {
    findings_.push_back({.severity = Severity::warning, .path = std::string(path), .what = std::move(what)});
  }

  // The map at a key, or an empty one where there is none.
  const json::object& map_at(const json::object& parent, std::string_view path, std::string_view key) {
    static const json::object none;
    const json::value* const value = parent.if_contains(key);
    if (value == nullptr) return none;
    if (const json::object* map = value->if_object()) return *map;
    error(below(path, key), "it is not a map");
    return none;
  }
  const json::array& list_at(const json::object& parent, std::string_view path, std::string_view key) {
    static const json::array none;
    const json::value* const value = parent.if_contains(key);
    if (value == nullptr) return none;
    if (const json::array* list = value->if_array()) return *list;
    error(below(path, key), "it is not a list");
    return none;
  }
  void require_text(const json::object& parent, std::string_view path, std::string_view key) {
    if (!has_text(parent, key)) error(below(path, key), "it is missing");
  }
  void check_keys(const json::object& map, std::string_view path, Keys known) {
    for (const auto& entry : map) {
      if (!is_one_of(entry.key(), known))
        error(below(path, entry.key()), "the broker does not know this key");
    }
  }
  bool check_parameter_name(std::string_view path, std::string_view name) {
    if (parameters_.contains(name)) return true;
    error(path, "there is no parameter " + std::string(name));
    return false;
  }
  void check_allowed(std::string_view path, std::string_view name, const json::value& value) {
    const json::array* const allowed = core::find_array(parameters_, {name, "AllowedValues"});
    if (allowed == nullptr) return;
    const std::string text = value_text(value);
    if (std::ranges::none_of(*allowed, [&](const json::value& each) { return value_text(each) == text; }))
      error(path, "\"" + text + "\" is not among the AllowedValues of " + std::string(name));
  }

  void check_specification(const json::object& specification) {
    check_keys(specification, specification_path, specification_keys);
    require_text(specification, specification_path, "Name");
    if (const auto version = core::find_string(specification, {"TemplateVersion"});
        !version.empty() && !core::is_semantic_version(version))
      error(below(specification_path, "TemplateVersion"),
            "it is not a semantic version, as \"1.2.3\" is one");
    if (const json::value* seconds = specification.if_contains("MaximumPollingDuration");
        seconds != nullptr && (!seconds->is_int64() || seconds->get_int64() <= 0))
      error(below(specification_path, "MaximumPollingDuration"), "it is not a positive number of seconds");
    for (const json::value& each : list_at(specification, specification_path, "UpdatableParameters")) {
      const std::string name = value_text(each);
      check_parameter_name(below(below(specification_path, "UpdatableParameters"), name), name);
    }
    const json::object& bindings = map_at(specification, specification_path, "Bindings");
    const std::string bindings_path = below(specification_path, "Bindings");
    check_keys(bindings, bindings_path, binding_keys);
    check_keys(map_at(bindings, bindings_path, "IAM"), below(bindings_path, "IAM"), iam_keys);
    const std::string plans_path = below(specification_path, "ServicePlans");
    const json::object& plans = map_at(specification, specification_path, "ServicePlans");
    if (plans.empty()) error(plans_path, "there must be at least one plan");
    for (const auto& entry : plans) {
      const json::object& plan = map_at(plans, plans_path, entry.key());
      if (entry.value().is_object()) check_plan(below(plans_path, entry.key()), plan);
    }
  }

  void check_plan(const std::string& path, const json::object& plan) {
    check_keys(plan, path, plan_keys);
    require_text(plan, path, "Description");
    const json::object& prescribed = map_at(plan, path, "ParameterValues");
    for (const auto* key : {"ParameterValues", "ParameterDefaults"}) {
      for (const auto& [name, value] : map_at(plan, path, key)) {
        const std::string where = below(below(path, key), name);
        if (!check_parameter_name(where, name)) continue;
        check_allowed(where, name, value);
        if (std::string_view(key) == "ParameterDefaults" && prescribed.contains(name))
          error(where, "ParameterValues set it, so the default is never used");
      }
    }
  }

  void check_interface() {
    const json::object* const found =
        core::find_object(document_, {"Metadata", "AWS::CloudFormation::Interface"});
    if (found == nullptr) return;
    std::size_t index = 0;
    for (const json::value& group : list_at(*found, interface_path, "ParameterGroups")) {
      const std::string path = below(interface_path, "ParameterGroups") + "[" + std::to_string(index++) + "]";
      if (!group.is_object()) {
        error(path, "it is not a map");
        continue;
      }
      if (core::find_string(group, {"Label", "default"}).empty())
        error(path + "/Label/default", "it is missing");
      for (const json::value& each : list_at(group.get_object(), path, "Parameters")) {
        const std::string name = value_text(each);
        const std::string where = below(below(path, "Parameters"), name);
        if (check_parameter_name(where, name) && !grouped_.insert(name).second)
          error(where, "it is already in a group");
      }
    }
    labels_ = map_at(*found, interface_path, "ParameterLabels");
    for (const auto& entry : labels_)
      check_parameter_name(below(below(interface_path, "ParameterLabels"), entry.key()), entry.key());
  }

  void check_parameters() {
    for (const auto& entry : parameters_) {
      const std::string path = below("Parameters", entry.key());
      const json::object* const parameter = entry.value().if_object();
      if (parameter == nullptr) {
        error(path, "it is not a map");
        continue;
      }
      require_text(*parameter, path, "Type");
      require_text(*parameter, path, "Description");
      if (core::find_string(labels_, {entry.key(), "default"}).empty())
        error(path, "it has no label in " + below(interface_path, "ParameterLabels"));
      if (!grouped_.contains(std::string(entry.key())))
        warn(path, "it is in no group of " + below(interface_path, "ParameterGroups"));
      if (const json::value* value = parameter->if_contains("Default"))
        check_allowed(below(path, "Default"), entry.key(), *value);
    }
  }

  void check_resources() {
    for (const auto& entry : map_at(document_, "", "Resources")) {
      if (is_one_of(core::find_string(entry.value(), {"Type"}), stateful_types) &&
          core::find(entry.value(), {"DeletionPolicy"}) == nullptr)
        warn(below("Resources", entry.key()), "it holds data, but has no DeletionPolicy");
    }
  }

  void check_outputs() {
    const json::object& outputs = map_at(document_, "", "Outputs");
    const json::object* const found =
        core::find_object(document_, {"Metadata", "AWS::ServiceBroker::Specification"});
    Template service;
    if (found != nullptr) {
      service.name = core::find_string(*found, {"Name"});
      service.outputs_as_is = is_true(*found, {"OutputsAsIs"});
      service.cloud_foundry = is_true(*found, {"CloudFoundry"});
      if (is_true(*found, {"BindViaLambda"}) && !outputs.contains("BindLambda"))
        error("Outputs/BindLambda", "it is missing, but BindViaLambda is true");
    }
    std::map<std::string, std::string> output_of;
    for (const auto& entry : outputs) {
      if (const json::value* value = core::find(entry.value(), {"Value"})) check_output(entry.key(), *value);
      const std::string path = below("Outputs", entry.key());
      if (core::find(entry.value(), {"Value"}) == nullptr) error(path + "/Value", "it is missing");
      for (const CredentialSource& source : credential_sources(service, {{entry.key(), ""}})) {
        const auto [first, is_new] = output_of.emplace(source.key, entry.key());
        if (!is_new)
          error(path,
                "its key in credentials, " + source.key + ", is also that of the output " + first->second);
      }
    }
  }

  // What a user writes should not reach the credentials unchecked, still less name what the broker acts on.
  void check_output(std::string_view name, const json::value& value) {
    const std::string path = below("Outputs", name);
    for (const std::string& parameter : parameters_in(value, parameters_)) {
      const json::object* const declared = core::find_object(parameters_, {parameter});
      const bool is_free = declared != nullptr && core::find_string(*declared, {"Type"}) == "String" &&
                           !declared->contains("AllowedValues") && !declared->contains("AllowedPattern");
      if (!is_free) continue;
      if (name == "BindLambda" || name.starts_with(policy_output)) {
        error(path, "users set its parameter " + parameter +
                        ", and so choose what the broker calls or attaches: name a resource of the stack");
      } else {
        warn(path, "it has the parameter " + parameter +
                       ", which users can set to anything: add an AllowedPattern or AllowedValues to it");
      }
    }
  }

  // What only shows with the broker's additions.
  void check_expanded(std::size_t size) {
    json::object expanded = document_;
    const auto injected = inject(expanded);
    if (!injected) return error("", injected.error().message);
    const json::object* const resources = core::find_object(expanded, {"Resources"});
    if (resources == nullptr || resources->empty()) error("Resources", "there must be at least one");
    // A longer text is sent as JSON without spaces.
    const bool as_json = *injected || size > max_request_bytes;
    const std::size_t sent = as_json ? core::to_text(expanded).size() : size;
    if (sent > max_object_bytes) {
      error("", too_long_for_a_bucket(sent));
    } else if (sent > max_request_bytes) {
      warn("", too_long_for_a_request(sent));
    }
  }

  const json::object& document_;
  json::object parameters_, labels_;
  std::set<std::string, std::less<>> grouped_;
  std::vector<TemplateFinding> findings_;
};

}  // namespace

std::vector<TemplateFinding> lint_template(std::string_view body) {
  const auto whole = [](std::string what) {
    return std::vector<TemplateFinding>{{.severity = Severity::error, .path = "", .what = std::move(what)}};
  };
  const auto parsed = core::parse_yaml(body, core::YamlTags::cloudformation,
                                       {.max_bytes = max_template_bytes, .max_depth = 64});
  if (!parsed) return whole(parsed.error().message);
  const json::object* const document = parsed->if_object();
  if (document == nullptr) return whole("it is not a YAML map");
  return Linter(*document).run(body.size());
}

}  // namespace broker
