#include "catalog/admission/parameters.hpp"

#include <algorithm>
#include <vector>

#include "catalog/policies/parameters.hpp"
#include "catalog/policies/resolution.hpp"
#include "core/schema.hpp"
#include "core/text.hpp"

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

// Sentences about parameters: so many that they can be read, and so short.
class Problems {
 public:
  [[nodiscard]] bool full() const { return count_ >= most; }
  void add(std::string_view parameter, const std::string& what) {
    if (full()) return;
    ++count_;
    text_ += (text_.empty() ? "The parameter " : " The parameter ") +
             core::shortened(parameter, longest_name) + " " + what;
  }
  [[nodiscard]] std::optional<std::string> text() && {
    if (text_.empty()) return std::nullopt;
    return std::move(text_);
  }

 private:
  static constexpr std::size_t most = 20;
  static constexpr std::size_t longest_name = 100;  // bytes

  std::string text_;
  std::size_t count_ = 0;
};

// "/Tags/0" → "Tags/0"
std::string_view without_slash(std::string_view pointer) {
  return pointer.starts_with('/') ? pointer.substr(1) : pointer;
}

void check_unknown(const json::object& parameters, const json::object& schema, Problems& problems) {
  std::vector<std::string> known = names_of(core::find_object(schema, {"properties"}));
  for (const json::key_value_pair& parameter : parameters) {
    std::string name(parameter.key());
    if (problems.full()) return;
    if (std::ranges::find(known, name) != known.end()) continue;
    std::string closest = closest_name(name, known);
    problems.add(name, "is not available." + (closest.empty() ? "" : " Did you mean " + closest + "?"));
  }
}

void check_required(const json::object& parameters, const json::object& schema, Problems& problems) {
  const json::array* required = core::find_array(schema, {"required"});
  if (!required) return;
  for (const json::value& name : *required) {
    if (name.is_string() && !parameters.contains(name.get_string())) {
      problems.add(std::string_view(name.get_string()), "is required.");
    }
  }
}

// All that is neither about names nor about what is missing at the top.
void check_values(const json::object& parameters, json::object schema, Problems& problems) {
  schema.erase("required");
  schema.erase("additionalProperties");
  core::Result<core::JsonSchema> compiled = core::JsonSchema::compile(std::move(schema));
  if (!compiled) return;
  for (const core::SchemaViolation& violation : compiled->validate(parameters)) {
    problems.add(without_slash(violation.path), violation.message + ".");
  }
}

}  // namespace

std::optional<std::string> check_parameters(const json::object* parameters, const json::object* schema,
                                            const OtherSources& others) {
  if (!schema) return std::nullopt;
  json::object none;
  const json::object& own = parameters ? *parameters : none;
  json::object given = others.defaults;
  merge_into(given, own);
  Problems problems;
  if (lists_every_name(*schema)) check_unknown(own, *schema, problems);
  if (!others.secrets) check_required(given, *schema, problems);
  check_values(given, *schema, problems);
  return std::move(problems).text();
}

std::optional<std::string> check_parameters_size(const json::value* before, const json::value* after) {
  if (!after || (before && *before == *after)) return std::nullopt;
  const std::size_t size = core::to_text(*after).size();
  if (size <= most_parameter_bytes) return std::nullopt;
  return "has " + std::to_string(size) + " bytes, but at most " + std::to_string(most_parameter_bytes) +
         " are allowed: store large values where the service can fetch them, and pass their address";
}

std::optional<std::string> check_changed_parameters(const json::object* before, const json::object* after,
                                                    const json::object* create, const json::object* update) {
  json::object changed;
  json::object none;
  for (const json::key_value_pair& parameter : after ? *after : none) {
    const json::value* old = before ? before->if_contains(parameter.key()) : nullptr;
    if (!old || *old != parameter.value()) changed[parameter.key()] = parameter.value();
  }
  if (!update) return check_parameters(&changed, create, {.defaults = {}, .secrets = true});

  bool lists_all = lists_every_name(*update) || (create && lists_every_name(*create));
  std::vector<std::string> updatable = names_of(core::find_object(*update, {"properties"}));
  Problems problems;
  json::object unknown;
  for (const json::key_value_pair& parameter : changed) {
    std::string name(parameter.key());
    if (!lists_all || std::ranges::find(updatable, name) != updatable.end()) continue;
    if (create && core::find(*create, {"properties", name})) {
      problems.add(name, "cannot be changed after the instance is created.");
    } else {
      unknown[name] = parameter.value();
    }
  }
  check_unknown(unknown, create ? *create : *update, problems);
  check_values(changed, *update, problems);
  return std::move(problems).text();
}

}  // namespace catalog::admission
