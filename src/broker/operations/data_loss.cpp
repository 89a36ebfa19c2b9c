#include "broker/operations/data_loss.hpp"

#include <algorithm>

#include "broker/account_parameters.hpp"
#include "broker/value_text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;
using Kind = Replacement::Kind;

constexpr std::size_t most_told = 3;  // losses; the others are counted

const std::string* default_of(const TemplateParameter& parameter) {
  return parameter.default_value ? &*parameter.default_value : nullptr;
}

std::optional<std::string> text_in(const json::object& values, std::string_view name) {
  const json::value* value = values.if_contains(name);
  return value != nullptr ? std::optional(value_text(*value)) : std::nullopt;
}

// "the parameters A and B"; "" for none
std::string list_of(const std::vector<std::string>& parameters) {
  std::string text;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (i > 0) text += i + 1 == parameters.size() ? " and " : ", ";
    text += parameters[i];
  }
  if (parameters.empty()) return text;
  return (parameters.size() == 1 ? "the parameter " : "the parameters ") + text;
}

// "the plan fifo changes the parameter FifoQueue"
std::string cause_of(const Replacement& loss, const TemplatePlan* plan) {
  const std::string parameters = list_of(loss.parameters);
  if (parameters.empty()) return "the new template changes it";
  const auto is_prescribed = [plan](const std::string& name) {
    return std::ranges::find(plan->prescribed, name, [](const auto& pair) { return pair.first; }) !=
           plan->prescribed.end();
  };
  const bool by_plan = plan != nullptr && std::ranges::all_of(loss.parameters, is_prescribed);
  return (by_plan ? "the plan " + plan->name : "the update") + " changes " + parameters;
}

std::string sentence_of(const Replacement& loss, const TemplatePlan* plan) {
  const std::string resource = loss.resource + (loss.type.empty() ? "" : " (" + loss.type + ")");
  const std::string cause = cause_of(loss, plan);
  switch (loss.kind) {
    case Kind::replaced:
      return "The update would replace the resource " + resource + " and lose " + loss.holds +
             ": its property " + loss.property + " cannot be changed in place, and " + cause + ".";
    case Kind::deleted:
      return "The update would delete the resource " + resource +
             (loss.holds.empty() ? "" : " and lose " + loss.holds) + ": " +
             (loss.parameters.empty() ? "the new template does not have it" : cause) + ".";
    case Kind::unclear:
      break;
  }
  if (!loss.resource.empty())
    return "The update may replace the resource " + resource +
           ": what it contains and which of its properties can be changed in place is not known, and " +
           cause + ".";
  if (!loss.type.empty())
    return "The update may replace resources: the macro " + loss.type + " creates the template, and " +
           cause + ".";
  return "The update may replace resources: the template is too complex to know.";
}

std::string remains_of(const Replacement& loss) {
  if (loss.policy == "Retain" || loss.policy == "RetainExceptOnCreate")
    return " AWS keeps the old one, but it no longer belongs to this instance.";
  if (loss.policy == "Snapshot") return " AWS keeps a final snapshot of it.";
  return "";
}

}  // namespace

core::Result<bool> take_consent(json::value& parameters, const CatalogOptions& options) {
  json::object* const given = parameters.if_object();
  const json::value* const found = given != nullptr ? given->if_contains(consent_parameter) : nullptr;
  if (found == nullptr) return false;
  const std::string name(consent_parameter);
  if (options.hidden_parameters.contains(name))
    return fail(ErrorKind::invalid, "The parameter " + name + " is not available.");
  const std::string text = value_text(*found);
  if (text != "true" && text != "false")
    return fail(ErrorKind::invalid, "The parameter " + name + " must be true or false.");
  given->erase(consent_parameter);
  return text == "true";
}

Values values_before(const InstanceValues& recorded, const Template& service, const aws::Stack& stack) {
  Values values;
  for (const TemplateParameter& parameter : service.parameters) {
    if (const std::string* by_default = default_of(parameter)) values[parameter.name] = *by_default;
    for (const json::object* source : {&recorded.given, &recorded.sent}) {
      if (auto text = text_in(*source, parameter.name)) values[parameter.name] = std::move(*text);
    }
    if (parameter.no_echo) continue;  // CloudFormation shows only stars
    const auto told =
        std::ranges::find(stack.parameters, parameter.name, [](const auto& pair) { return pair.first; });
    if (told != stack.parameters.end()) values[parameter.name] = told->second;
  }
  return values;
}

Values values_after(const InstanceValues& recorded, const InstanceValues& wanted, const UpdateTarget& target,
                    const Values& before) {
  const bool same_template = target.now.service->digest == target.wanted.service->digest;
  Values values;
  for (const TemplateParameter& parameter : target.wanted.service->parameters) {
    const auto old_value = text_in(recorded.sent, parameter.name);
    const auto new_value = text_in(wanted.sent, parameter.name);
    const auto in_stack = before.find(parameter.name);
    const bool stays = old_value == new_value && (new_value || same_template);
    if (stays && in_stack != before.end()) {
      values[parameter.name] = in_stack->second;
    } else if (new_value) {
      values[parameter.name] = *new_value;
    } else if (const std::string* by_default = default_of(parameter)) {
      values[parameter.name] = *by_default;
    }
  }
  return values;
}

core::Result<> check_keeps_data(const InstanceValues& recorded, const InstanceValues& wanted,
                                const UpdateTarget& target, const aws::Stack& stack) {
  const auto old_document = document_of(*target.now.service);
  if (!old_document) return fail(old_document.error());
  const bool same_template = target.now.service->digest == target.wanted.service->digest;
  const auto new_document = same_template ? old_document : document_of(*target.wanted.service);
  if (!new_document) return fail(new_document.error());
  StackDesign before{.document = *old_document,
                     .parameters = values_before(recorded, *target.now.service, stack)};
  StackDesign after{.document = *new_document,
                    .parameters = values_after(recorded, wanted, target, before.parameters)};
  const auto losses = find_replacements(
      before, after, {.tags_change = recorded.tags != wanted.tags, .with_unclear = !target.keeps_all()});
  if (losses.empty()) return {};
  return fail(ErrorKind::unprocessable,
              describe_losses(losses, target.keeps_plan() ? nullptr : target.wanted.plan));
}

std::string describe_losses(const std::vector<Replacement>& losses, const TemplatePlan* plan) {
  std::string text;
  for (std::size_t i = 0; i < std::min(losses.size(), most_told); ++i)
    text += (i > 0 ? " " : "") + sentence_of(losses[i], plan) + remains_of(losses[i]);
  if (losses.size() > most_told) {
    text += " The same is true of " + std::to_string(losses.size() - most_told) + " more: ";
    for (std::size_t i = most_told; i < losses.size(); ++i)
      text += (i > most_told ? ", " : "") + losses[i].resource;
    text += ".";
  }
  text += " To keep the data, leave these parameters at their present values, or create a new instance and";
  text += " move the data to it. To accept the loss, send the parameter " + std::string(consent_parameter);
  return text + " with the value true together with this update.";
}

}  // namespace broker
