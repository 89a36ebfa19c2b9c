#include "broker/injection.hpp"

#include "broker/template.hpp"
#include "broker/value_text.hpp"
#include "core/yaml.hpp"

namespace broker {

namespace json = boost::json;

namespace {

constexpr const char* specification = "AWS::ServiceBroker::Specification";

bool is_asked_for(const json::object& document, std::initializer_list<std::string_view> path) {
  const json::value* const flag = core::find(document, path);
  return flag != nullptr && (value_text(*flag) == "true" || value_text(*flag) == "True");
}

bool has_resource(const json::object& document, std::string_view logical_id) {
  return core::find(document, {"Resources", logical_id}) != nullptr;
}

json::object injected_document(std::string_view file) {
  const auto found = std::ranges::find(injected_files(), file, &NamedText::name);
  return core::parse_yaml(found->text, core::YamlTags::cloudformation)->as_object();
}

// Adds to a map of the document, which need not be there: where the service needs no resource but the user,
// the template has none.
core::Result<> add(json::object& document, std::string_view section, const json::object& entries) {
  json::value& target = document.emplace(section, json::object()).first->value();
  if (!target.is_object())
    return core::fail(core::ErrorKind::invalid, std::string(section) + " is not a map");
  for (const auto& [name, entry] : entries) {
    if (!target.get_object().emplace(name, entry).second)
      return core::fail(core::ErrorKind::invalid,
                        "the broker adds " + std::string(name) + ", but the template already has one");
  }
  return {};
}

json::object policy_resource(const std::string& name, const json::object& policy_document) {
  return {{"Type", "AWS::IAM::Policy"},
          {"Properties", json::object{{"PolicyName", name},
                                      {"Users", json::array{json::object{{"Ref", injected_user}}}},
                                      {"PolicyDocument", policy_document}}}};
}

core::Result<bool> inject_user(json::object& document) {
  if (!is_asked_for(document, {"Metadata", specification, "Bindings", "IAM", "AddKeypair"}) ||
      has_resource(document, injected_user))
    return false;
  static const json::object injected = injected_document("injected-user.yaml");
  json::object resources = injected.at("Resources").as_object();
  const json::array* const policies =
      core::find_array(document, {"Metadata", specification, "Bindings", "IAM", "Policies"});
  for (std::size_t i = 0; policies != nullptr && i < policies->size(); ++i) {
    const json::object* const policy = core::find_object((*policies)[i], {"PolicyDocument"});
    if (policy == nullptr)
      return core::fail(core::ErrorKind::invalid,
                        "Bindings.IAM.Policies[" + std::to_string(i) + "] has no PolicyDocument");
    const std::string name = std::string(injected_user) + "Policy" + std::to_string(i + 1);
    resources[name] = policy_resource(name, *policy);
  }
  if (auto added = add(document, "Resources", resources); !added) return core::fail(std::move(added.error()));
  // They are resources now.
  core::erase(document, {"Metadata", specification, "Bindings", "IAM", "Policies"});
  return true;
}

core::Result<bool> inject_subnets(json::object& document) {
  constexpr const char* subnets = "AWSSBInjectedSubnets";
  const json::object* const wishes = core::find_object(document, {"Metadata", specification, "MakesSubnets"});
  if ((wishes == nullptr && !is_asked_for(document, {"Metadata", specification, "MakesSubnets"})) ||
      has_resource(document, subnets))
    return false;
  static const json::object injected = injected_document("injected-subnets.yaml");
  json::object resources = injected.at("Resources").as_object();
  if (wishes != nullptr) {
    json::object& properties = resources.at(subnets).as_object().at("Properties").as_object();
    for (const auto& [property, value] : *wishes) properties[property] = value;
  }
  for (const auto& [section, entries] :
       {std::pair("Conditions", injected.at("Conditions").as_object()), std::pair("Resources", resources)}) {
    if (auto added = add(document, section, entries); !added) return core::fail(std::move(added.error()));
  }
  return true;
}

}  // namespace

core::Result<bool> inject(json::object& document) {
  bool is_changed = false;
  for (const auto step : {inject_user, inject_subnets}) {
    const auto changed = step(document);
    if (!changed) return changed;
    is_changed = is_changed || *changed;
  }
  return is_changed;
}

}  // namespace broker
