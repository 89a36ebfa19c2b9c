// The values of a template for one stack: intrinsic functions, conditions, mappings, rules.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "simulation/aws/cloudformation/template.hpp"

namespace simulation {

using ParameterValues = std::map<std::string, std::string>;  // as they were given: lists with commas

// What the values depend on beside the template.
struct ResolverInput {
  const Template* made = nullptr;
  const ParameterValues* parameters = nullptr;
  std::string region, account, stack_name, stack_id;
  std::vector<std::string> notification_arns;
  std::function<Answer<core::json::value>(const std::string& logical_id)> ref;
  std::function<Answer<core::json::value>(const std::string& logical_id, const std::string& attribute)>
      attribute;
};

class Resolver {
 public:
  explicit Resolver(ResolverInput input) : input_(std::move(input)) {}

  // Failures: ValidationError ("Template error: …").
  [[nodiscard]] Answer<core::json::value> resolve(const core::json::value& value);
  [[nodiscard]] Answer<bool> condition(const std::string& name);
  // Whether a resource or output is made at all.
  [[nodiscard]] Answer<bool> is_wanted(const core::json::object& body);
  // The template's rules about its parameters.
  [[nodiscard]] Answer<> check_rules();

 private:
  [[nodiscard]] Answer<core::json::value> function(std::string_view name, const core::json::value& argument);
  [[nodiscard]] Answer<core::json::value> reference(const std::string& name);
  [[nodiscard]] Answer<core::json::value> attribute(const core::json::value& argument);
  [[nodiscard]] Answer<core::json::value> substitute(const core::json::value& argument);
  [[nodiscard]] Answer<core::json::value> find_in_map(const core::json::array& parts);
  [[nodiscard]] Answer<bool> truth(const core::json::value& value);

  ResolverInput input_;
  std::map<std::string, bool> conditions_;
  int depth_ = 0;
};

}  // namespace simulation
