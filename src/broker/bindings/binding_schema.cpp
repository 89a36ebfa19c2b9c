#include "broker/bindings/binding_schema.hpp"

namespace broker {

namespace json = boost::json;

json::value binding_schema(const Template& service) {
  if (service.policy_scopes.empty()) return nullptr;
  json::array scopes;
  for (const std::string& scope : service.policy_scopes) {
    if (!scope.empty()) scopes.emplace_back(scope);
  }
  json::object properties{{"RoleName", json::object{{"description", "IAM role to attach the policy to"},
                                                    {"type", "string"},
                                                    {"title", "Role"}}}};
  json::object dependencies;
  if (!scopes.empty()) {
    properties["Scope"] = json::object{
        {"description", "Which policy to attach"}, {"type", "string"}, {"enum", scopes}, {"title", "Scope"}};
    dependencies["Scope"] = json::array{"RoleName"};
  }
  const bool has_default = scopes.size() < service.policy_scopes.size();
  if (!has_default) dependencies["RoleName"] = json::array{"Scope"};
  json::object schema{{"$schema", "http://json-schema.org/draft-06/schema#"},
                      {"type", "object"},
                      {"properties", std::move(properties)}};
  if (!dependencies.empty()) schema["dependencies"] = std::move(dependencies);
  return schema;
}

}  // namespace broker
