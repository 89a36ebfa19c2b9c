// One class's CloudFormation template with its broker metadata (broker.md, "A template").
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/template_outputs.hpp"
#include "core/json.hpp"

namespace broker {

// Logical id of the IAM user in every template with a key pair.
inline constexpr const char* injected_user = "AWSSBInjectedIAMUser";

// Outputs named PolicyArn<Scope> are policies that a bind attaches to a role.
inline constexpr std::string_view policy_output = "PolicyArn";

inline constexpr std::size_t max_template_bytes = 1024 * 1024;  // of an author's file
// CloudFormation's limits of what it gets (its user guide, "quotas"; "1 MB" are 1,000,000 bytes, its error
// says).
inline constexpr std::size_t max_request_bytes = 51'200;    // TemplateBody
inline constexpr std::size_t max_object_bytes = 1'000'000;  // what TemplateURL names

struct TemplateParameter {
  std::string name;
  bool is_number = false;
  std::string description;
  std::string label;
  std::optional<std::string> default_value;  // nullopt: required, unless a plan gives it
  std::vector<std::string> allowed_values;
  std::string allowed_pattern;  // in Java's syntax; "" for none
  std::string constraint_description;
  bool is_list = false;  // the value has commas between its elements
  bool no_echo = false;
};

struct ParameterGroup {
  std::string title;
  std::vector<std::string> parameters;
};

struct TemplatePlan {
  std::string name;
  std::string display_name, description, long_description, cost;
  boost::json::value costs;  // array or null
  std::vector<std::pair<std::string, std::string>> prescribed;
  std::vector<std::pair<std::string, std::string>> defaults;
};

struct Template {
  std::string name;  // the class's external name
  std::string display_name, description, long_description;
  std::string image_url, documentation_url, provider_display_name;
  std::vector<std::string> tags;
  bool outputs_as_is = false;
  bool cloud_foundry = false;
  bool bind_via_lambda = false;
  bool has_injected_user = false;  // resource AWSSBInjectedIAMUser: a binding gets a user of its own after it
  std::vector<std::string> updatable_parameters;
  std::vector<std::string> policy_scopes;     // of outputs PolicyArn<Scope>; "" for PolicyArn itself
  std::vector<TemplateParameter> parameters;  // in the template's order
  std::vector<ParameterGroup> groups;
  std::vector<TemplatePlan> plans;
  std::vector<TemplateOutput> outputs;
  std::size_t resource_count = 0;
  bool has_transform = false;  // Transform, or Fn::Transform anywhere below
  bool has_nested_stack = false;
  // After which platforms give up waiting; no class of ours takes so long, but CloudFormation waits for
  // hours.
  std::chrono::seconds maximum_polling_duration = std::chrono::hours(4);

  std::string body;    // as CloudFormation gets it; JSON where it has more than max_request_bytes
  std::string digest;  // SHA-256 of the body
  std::string
      maintenance_version;  // SemVer: the author's TemplateVersion, or one that changes with the digest

  // CAPABILITY_AUTO_EXPAND; the template of a nested stack may have a transform too.
  [[nodiscard]] bool needs_auto_expand() const { return has_transform || has_nested_stack; }
  [[nodiscard]] const TemplateParameter* find_parameter(std::string_view parameter) const;
  [[nodiscard]] const TemplatePlan* find_plan(std::string_view plan) const;
  [[nodiscard]] const TemplateOutput* find_output(std::string_view output) const;
};

// What is wrong with one of more than max_request_bytes where there is no bucket for it, and with one of more
// than max_object_bytes anywhere; and what to do. `bytes`: as it would be sent.
[[nodiscard]] std::string too_long_for_a_request(std::size_t bytes);
[[nodiscard]] std::string too_long_for_a_bucket(std::size_t bytes);

// `body`: of at most max_template_bytes. `origin` (a file's name) stands in the error. Errors: invalid,
// saying what is missing or wrong where.
[[nodiscard]] core::Result<Template> parse_template(std::string body, const std::string& origin);

// The document that a template was read from, with what the broker has added. Error: invalid.
[[nodiscard]] core::Result<boost::json::object> document_of(const Template& service);

}  // namespace broker
