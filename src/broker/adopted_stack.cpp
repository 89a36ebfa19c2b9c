#include "broker/adopted_stack.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "broker/plan_schema.hpp"
#include "broker/sealed_values.hpp"
#include "broker/stack_tags.hpp"
#include "core/text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

constexpr std::string_view hidden_value = "****";  // which CloudFormation tells in the place of a secret
constexpr std::size_t longest_value = 100;

const std::string* find_value(const aws::NameValues& values, std::string_view name) {
  const auto found =
      std::ranges::find(values, name, [](const auto& each) { return std::string_view(each.first); });
  return found != values.end() ? &found->second : nullptr;
}

std::string quoted(const std::string& value) {
  return "\"" + core::shortened(value, longest_value) + "\"";
}

bool is_same_number(const std::string& one, const std::string& other) {
  const auto number = [](const std::string& text) -> std::optional<double> {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
  };
  const auto left = number(one);
  return left && left == number(other);
}

// nullopt: CloudFormation does not tell it.
const std::string* told_value(const aws::Stack& stack, const TemplateParameter& parameter) {
  const std::string* value = find_value(stack.parameters, parameter.name);
  return value == nullptr || parameter.no_echo || *value == hidden_value ? nullptr : value;
}

bool is_prescribed(const TemplatePlan& plan, std::string_view parameter) {
  return find_value(plan.prescribed, parameter) != nullptr;
}

}  // namespace

FoundState found_state_of(std::string_view status) {
  constexpr std::array whole{"CREATE_COMPLETE",          "UPDATE_COMPLETE",
                             "UPDATE_ROLLBACK_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                             "IMPORT_COMPLETE",          "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
                             "IMPORT_ROLLBACK_COMPLETE"};
  if (std::ranges::find(whole, status) != whole.end()) return FoundState::whole;
  return status.ends_with("_IN_PROGRESS") && status != "REVIEW_IN_PROGRESS" ? FoundState::busy
                                                                            : FoundState::broken;
}

std::string way_out_of(std::string_view status) {
  if (status == "UPDATE_ROLLBACK_FAILED")
    return "Continue the rollback of its update in CloudFormation (ContinueUpdateRollback), then try again.";
  if (status == "DELETE_FAILED")
    return "Its deletion has failed. Remove in AWS what prevents it, then delete this instance.";
  return "Repair it in CloudFormation, then try again; or delete this instance, which deletes the stack.";
}

std::string difference_of(const aws::Stack& stack, const Selection& selection, const StackParameters& asked,
                          const json::value& user_parameters) {
  const PlanSchema schema(*selection.service, *selection.plan, *selection.options);
  for (const TemplateParameter& parameter : selection.service->parameters) {
    const std::string* actual = told_value(stack, parameter);
    // What the administrator's overrides hide may have been set to something else when the stack was made.
    const bool is_hidden =
        !schema.is_offered(parameter.name) && !is_prescribed(*selection.plan, parameter.name);
    if (actual == nullptr || is_hidden) continue;
    const std::string* wanted = find_value(asked.template_values, parameter.name);
    if (wanted == nullptr && parameter.default_value) wanted = &*parameter.default_value;
    if (wanted == nullptr || *wanted == *actual) continue;
    if (parameter.is_number && is_same_number(*wanted, *actual)) continue;
    if (SealedValues::is_secret(*selection.service, parameter.name))
      return parameter.name + " does not have the requested value";
    return parameter.name + " is " + quoted(*actual) + ", but " + quoted(*wanted) + " is requested";
  }
  if (core::find(user_parameters, {"user_tags"}) == nullptr) return {};
  for (const auto& [key, value] : asked.tags) {
    if (!has_tag(stack.tags, key, value))
      return "its tag " + core::shortened(key, longest_value) + " is not what user_tags request";
  }
  return {};
}

json::object stack_input_of(const aws::Stack& stack, const Template& service, const StackParameters& asked) {
  json::object parameters;
  for (const TemplateParameter& parameter : service.parameters) {
    const std::string* wanted = find_value(asked.template_values, parameter.name);
    const std::string* actual = told_value(stack, parameter);
    if (actual == nullptr) actual = wanted;
    if (actual == nullptr) continue;
    if (wanted != nullptr || parameter.default_value != *actual) parameters[parameter.name] = *actual;
  }
  json::object tags;
  for (const auto& [key, value] : stack.tags) {
    if (!key.starts_with("aws:")) tags[key] = value;  // those are AWS's own, which no request may set
  }
  return {{"parameters", std::move(parameters)}, {"tags", std::move(tags)}};
}

}  // namespace broker
