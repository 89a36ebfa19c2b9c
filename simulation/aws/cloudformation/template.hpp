// A CloudFormation template as it was sent, read once: sections, parameters, and what each resource depends
// on. It is this model's own reading, so that the broker's is not held against itself.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/aws/wire.hpp"

namespace simulation {

struct TemplateParameter {
  std::string name, type;
  std::optional<std::string> default_value;
  std::vector<std::string> allowed_values;
  std::string allowed_pattern;
  std::optional<std::regex> pattern;  // of the same; nullopt also where this model cannot read it
  std::optional<double> least, most;
  std::optional<std::size_t> shortest, longest;
  std::string constraint_description;
  bool no_echo = false;

  [[nodiscard]] bool is_list() const { return type == "CommaDelimitedList" || type.starts_with("List<"); }
};

struct TemplateResource {
  std::string logical_id, type, condition;
  core::json::object body;           // with Properties
  std::set<std::string> depends_on;  // other resources, by DependsOn or by a reference

  [[nodiscard]] const core::json::object* properties() const {
    return core::find_object(body, {"Properties"});
  }
};

struct Template {
  std::string body;  // as it was sent
  core::json::object document;
  std::vector<TemplateParameter> parameters;  // in the template's order
  std::map<std::string, TemplateResource> resources;
  std::vector<std::string> transforms;

  [[nodiscard]] const TemplateParameter* find_parameter(std::string_view name) const;
  [[nodiscard]] bool needs_iam_capability(bool& is_named) const;
};

[[nodiscard]] inline std::unexpected<Failure> validation_error(std::string message) {
  return refuse("ValidationError", std::move(message));
}

// Failure: ValidationError, as CloudFormation words it.
[[nodiscard]] Answer<std::shared_ptr<const Template>> read_template(const std::string& body);

// Numbers and booleans as CloudFormation writes them in texts: 3306, true.
[[nodiscard]] std::string text_of(const core::json::value& value);

}  // namespace simulation
