#include "catalog/admission/parameters.hpp"

#include <algorithm>
#include <vector>

#include "catalog/policies/resolution.hpp"
#include "core/schema.hpp"

namespace catalog::admission {

namespace {

std::vector<std::string> names_of(const json::object* members) {
  std::vector<std::string> names;
  if (members) {
    for (const json::key_value_pair& member : *members) names.emplace_back(member.key());
  }
  return names;
}

bool lists_every_name(const json::object& schema) {
  const json::value* additional = schema.if_contains("additionalProperties");
  if (additional && additional->is_bool()) return !additional->get_bool();
  return !additional && !schema.contains("patternProperties") && schema.contains("openshift_form_definition");
}

void add(std::string& problems, const std::string& sentence) {
  problems += (problems.empty() ? "" : " ") + sentence;
}

// "/Tags/0" → "Tags/0"
std::string_view without_slash(std::string_view pointer) {
  return pointer.starts_with('/') ? pointer.substr(1) : pointer;
}

void check_unknown(const json::object& parameters, const json::object& schema, std::string& problems) {
  std::vector<std::string> known = names_of(core::find_object(schema, {"properties"}));
  for (const json::key_value_pair& parameter : parameters) {
    std::string name(parameter.key());
    if (std::ranges::find(known, name) != known.end()) continue;
    std::string closest = closest_name(name, known);
    add(problems, "The parameter " + name + " is not available." +
                      (closest.empty() ? "" : " Did you mean " + closest + "?"));
  }
}

void check_required(const json::object& parameters, const json::object& schema, std::string& problems) {
  const json::array* required = core::find_array(schema, {"required"});
  if (!required) return;
  for (const json::value& name : *required) {
    if (!name.is_string() || parameters.contains(name.get_string())) continue;
    add(problems, "The parameter " + std::string(name.get_string()) + " is required.");
  }
}

}  // namespace

std::optional<std::string> check_parameters(const json::object* parameters, const json::object* schema,
                                            bool from_secrets) {
  if (!schema) return std::nullopt;
  json::object none;
  const json::object& given = parameters ? *parameters : none;
  std::string problems;
  if (lists_every_name(*schema)) check_unknown(given, *schema, problems);
  if (!from_secrets) check_required(given, *schema, problems);

  // The rest of the schema, with what was told above taken out.
  json::object rest = *schema;
  rest.erase("required");
  rest.erase("additionalProperties");
  core::Result<core::JsonSchema> compiled = core::JsonSchema::compile(rest);
  if (compiled) {
    for (const core::SchemaViolation& violation : compiled->validate(given)) {
      add(problems,
          "The parameter " + std::string(without_slash(violation.path)) + " " + violation.message + ".");
    }
  }
  if (problems.empty()) return std::nullopt;
  return problems;
}

}  // namespace catalog::admission
