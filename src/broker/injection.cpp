#include "broker/injection.hpp"

#include "broker/template.hpp"
#include "broker/value_text.hpp"
#include "core/yaml.hpp"

namespace broker {

namespace json = boost::json;

namespace {

const json::object& user_resources() {
  static const json::object resources = [] {
    const auto document =
        core::parse_yaml(injected_user_files().front().text, core::YamlTags::cloudformation);
    return core::find(*document, {"Resources"})->as_object();
  }();
  return resources;
}

core::Result<> add(json::object& resources, const std::string& logical_id, json::value resource) {
  if (resources.contains(logical_id))
    return core::fail(core::ErrorKind::invalid,
                      "Bindings.IAM.AddKeypair adds a resource " + logical_id + ", but there is one already");
  resources[logical_id] = std::move(resource);
  return {};
}

json::object policy_resource(const std::string& name, const json::object& policy_document) {
  return {{"Type", "AWS::IAM::Policy"},
          {"Properties", json::object{{"PolicyName", name},
                                      {"Users", json::array{json::object{{"Ref", injected_user}}}},
                                      {"PolicyDocument", policy_document}}}};
}

}  // namespace

core::Result<bool> inject_user(json::object& document) {
  const json::object* const iam =
      core::find_object(document, {"Metadata", "AWS::ServiceBroker::Specification", "Bindings", "IAM"});
  if (iam == nullptr) return false;
  const json::value* const add_keypair = core::find(*iam, {"AddKeypair"});
  if (add_keypair == nullptr || (value_text(*add_keypair) != "true" && value_text(*add_keypair) != "True"))
    return false;
  // Where the service needs no resource but the user, the template has none.
  json::value& resources = document.emplace("Resources", json::object()).first->value();
  if (!resources.is_object()) return core::fail(core::ErrorKind::invalid, "Resources is no map");
  json::object& target = resources.get_object();
  if (target.contains(injected_user)) return false;

  for (const auto& [logical_id, resource] : user_resources()) {
    if (auto added = add(target, std::string(logical_id), resource); !added)
      return core::fail(std::move(added.error()));
  }
  const json::array* const policies = core::find_array(*iam, {"Policies"});
  for (std::size_t i = 0; policies != nullptr && i < policies->size(); ++i) {
    const json::object* const policy = core::find_object((*policies)[i], {"PolicyDocument"});
    if (policy == nullptr)
      return core::fail(core::ErrorKind::invalid,
                        "Bindings.IAM.Policies[" + std::to_string(i) + "] has no PolicyDocument");
    const std::string name = std::string(injected_user) + "Policy" + std::to_string(i + 1);
    if (auto added = add(target, name, policy_resource(name, *policy)); !added)
      return core::fail(std::move(added.error()));
  }
  // They are resources now.
  core::erase(document, {"Metadata", "AWS::ServiceBroker::Specification", "Bindings", "IAM", "Policies"});
  return true;
}

}  // namespace broker
