#include "simulation/aws/ssm.hpp"

#include <algorithm>
#include <charconv>

#include "core/hash.hpp"

namespace simulation {

namespace json = boost::json;

namespace {

// An ARN names a parameter, too: …:parameter/a/b is /a/b.
std::string name_of(std::string_view selector) {
  if (const auto at = selector.find(":parameter/"); selector.starts_with("arn:") && at != selector.npos)
    selector.remove_prefix(at + std::string_view(":parameter").size());
  return std::string(selector.substr(0, selector.find(':')));
}
std::string version_of(std::string_view selector) {
  if (selector.starts_with("arn:")) selector.remove_prefix(selector.find(":parameter/") + 1 + 10);
  const auto colon = selector.find(':');
  return std::string(colon == selector.npos ? "" : selector.substr(colon + 1));
}

}  // namespace

const SsmParameter* SsmService::find_parameter(const std::string& selector) const {
  const auto found = parameters_.find(name_of(selector));
  return found == parameters_.end() ? nullptr : &found->second;
}

const SsmVersion* SsmService::find(const std::string& selector) const {
  const SsmParameter* parameter = find_parameter(selector);
  if (parameter == nullptr) return nullptr;
  const std::string version = version_of(selector);
  if (version.empty()) return &parameter->versions.back();
  std::size_t number = 0;
  const auto read = std::from_chars(version.data(), version.data() + version.size(), number);
  if (read.ec == std::errc() && read.ptr == version.data() + version.size())
    return number == 0 || number > parameter->versions.size() ? nullptr : &parameter->versions[number - 1];
  for (const SsmVersion& each : parameter->versions)
    if (each.labels.contains(version)) return &each;
  return nullptr;
}

Answer<> SsmService::put(const std::string& name, const std::string& value, const std::string& type,
                         bool overwrites) {
  const auto found = parameters_.find(name);
  if (found != parameters_.end() && !overwrites)
    return refuse("ParameterAlreadyExists",
                  "The parameter already exists. To overwrite this value, set the overwrite option in the "
                  "request to true.");
  const bool is_known = type == "String" || type == "StringList" || type == "SecureString";
  if (!is_known && found == parameters_.end())
    return refuse("ValidationException", "A parameter type is required when you create a parameter.");
  constexpr std::size_t most_bytes = 4'096;
  if (value.empty() || value.size() > most_bytes)
    return refuse("ValidationException",
                  "Standard tier parameters support a maximum parameter value of 4096 characters.");
  SsmParameter& parameter = parameters_[name];
  if (parameter.name.empty()) {
    parameter.name = name;
    parameter.arn = world_.arn("ssm", "parameter" + std::string(name.starts_with('/') ? "" : "/") + name);
  }
  if (is_known) parameter.type = type;
  parameter.versions.push_back({.value = value, .made = world_.now(), .labels = {}});
  json::object answer{{"Version", parameter.versions.size()}, {"Tier", "Standard"}};
  return Reply{.body = core::to_text(answer)};
}

Answer<> SsmService::remove(const std::string& name) {
  if (parameters_.erase(name) == 0) return refuse("ParameterNotFound", "");
  return Reply{.body = "{}"};
}

Answer<> SsmService::handle(const Call& call) {
  const std::string name(core::find_string(call.input, {"Name"}));
  if (call.action == "GetParameter") {
    const SsmParameter* parameter = find_parameter(name);
    if (parameter == nullptr) return refuse("ParameterNotFound", "");
    const SsmVersion* version = find(name);
    if (version == nullptr)
      return refuse("ParameterVersionNotFound", "Systems Manager could not find version " + version_of(name) +
                                                    " of " + parameter->name + ".");
    const bool decrypts = core::find_bool(call.input, {"WithDecryption"}).value_or(false);
    const bool is_cipher = parameter->type == "SecureString" && !decrypts;
    json::object body{{"Name", parameter->name},
                      {"Type", parameter->type},
                      {"Value", is_cipher ? "AQICAH" + core::sha256_hex(version->value) : version->value},
                      {"Version", version - parameter->versions.data() + 1},
                      {"LastModifiedDate", seconds_of(version->made)},
                      {"ARN", parameter->arn},
                      {"DataType", "text"}};
    const std::string selector = version_of(name);
    if (!selector.empty()) body["Selector"] = ":" + selector;
    return Reply{.body = core::to_text(json::object{{"Parameter", std::move(body)}})};
  }
  if (call.action == "PutParameter") {
    return put(name, std::string(core::find_string(call.input, {"Value"})),
               std::string(core::find_string(call.input, {"Type"})),
               core::find_bool(call.input, {"Overwrite"}).value_or(false));
  }
  if (call.action == "DeleteParameter") return remove(name);
  if (call.action == "LabelParameterVersion") {
    const auto found = parameters_.find(name);
    if (found == parameters_.end()) return refuse("ParameterNotFound", "");
    auto& versions = found->second.versions;
    const auto number = static_cast<std::size_t>(core::find_int(call.input, {"ParameterVersion"})
                                                     .value_or(static_cast<std::int64_t>(versions.size())));
    if (number == 0 || number > versions.size())
      return refuse("ParameterVersionNotFound", "Systems Manager could not find version of " + name + ".");
    if (const auto* labels = core::find_array(call.input, {"Labels"})) {
      for (const json::value& label : *labels) {
        const std::string text(label.is_string() ? std::string_view(label.get_string()) : std::string_view());
        for (SsmVersion& each : versions) each.labels.erase(text);  // a label is moved
        versions[number - 1].labels.insert(text);
      }
    }
    return Reply{
        .body = core::to_text(json::object{{"InvalidLabels", json::array()}, {"ParameterVersion", number}})};
  }
  return refuse("UnknownOperationException", "");
}

}  // namespace simulation
