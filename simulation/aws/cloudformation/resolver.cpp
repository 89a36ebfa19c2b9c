#include "simulation/aws/cloudformation/resolver.hpp"

#include <algorithm>

#include "core/hash.hpp"

namespace simulation {

namespace json = boost::json;

namespace {

std::unexpected<Failure> template_error(std::string message) {
  return refuse("ValidationError", "Template error: " + std::move(message));
}

// AWS::NoValue while values are put together; what holds it leaves it out.
const json::value& no_value() {
  static const json::value marker(json::object{{"AWS::NoValue", nullptr}});
  return marker;
}
bool is_no_value(const json::value& value) {
  const auto* object = value.if_object();
  return object != nullptr && object->size() == 1 && object->begin()->key() == "AWS::NoValue";
}

json::array split(std::string_view text, std::string_view separator, bool trims) {
  json::array parts;
  while (true) {
    const std::size_t at = separator.empty() ? text.npos : text.find(separator);
    std::string_view part = text.substr(0, at);
    while (trims && part.starts_with(' ')) part.remove_prefix(1);
    while (trims && part.ends_with(' ')) part.remove_suffix(1);
    parts.emplace_back(part);
    if (at == text.npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

}  // namespace

Answer<json::value> Resolver::resolve(const json::value& value) {
  if (const auto* list = value.if_array()) {
    json::array made;
    for (const json::value& each : *list) {
      auto part = resolve(each);
      if (!part) return part;
      if (!is_no_value(*part)) made.push_back(std::move(*part));
    }
    return made;
  }
  const auto* object = value.if_object();
  if (object == nullptr) return value;
  if (object->size() == 1) {
    const auto& [name, argument] = *object->begin();
    if (name == "Ref" || name == "Condition" || std::string_view(name).starts_with("Fn::")) {
      if (name == "Condition" && !argument.is_string()) {
        // A policy's Condition, no function.
      } else {
        constexpr int deepest = 64;
        if (depth_ >= deepest) return template_error("functions are nested too deep");
        ++depth_;
        auto made = function(name, argument);
        --depth_;
        return made;
      }
    }
  }
  json::object made;
  for (const auto& entry : *object) {
    auto part = resolve(entry.value());
    if (!part) return part;
    if (!is_no_value(*part)) made[entry.key()] = std::move(*part);
  }
  return made;
}

Answer<json::value> Resolver::reference(const std::string& name) {
  if (name == "AWS::NoValue") return no_value();
  if (name == "AWS::Region") return json::value(input_.region);
  if (name == "AWS::AccountId") return json::value(input_.account);
  if (name == "AWS::StackName") return json::value(input_.stack_name);
  if (name == "AWS::StackId") return json::value(input_.stack_id);
  if (name == "AWS::Partition") return json::value("aws");
  if (name == "AWS::URLSuffix") return json::value("amazonaws.com");
  if (name == "AWS::NotificationARNs") {
    json::array arns;
    for (const std::string& arn : input_.notification_arns) arns.emplace_back(arn);
    return arns;
  }
  if (const TemplateParameter* parameter = input_.made->find_parameter(name)) {
    const auto found = input_.parameters->find(name);
    const std::string& text =
        found == input_.parameters->end() ? parameter->default_value.value_or("") : found->second;
    if (parameter->is_list() || parameter->type.contains("<List<") ||
        parameter->type.contains("<CommaDelimitedList>"))
      return text.empty() ? json::array() : split(text, ",", true);
    return json::value(text);
  }
  if (!input_.made->resources.contains(name) || !input_.ref)
    return template_error("Unresolved resource dependencies [" + name + "]");
  return input_.ref(name);
}

Answer<json::value> Resolver::attribute(const json::value& argument) {
  std::string name, attribute;
  if (argument.is_string()) {
    const std::string text(argument.get_string());
    name = text.substr(0, text.find('.'));
    attribute = text.substr(std::min(name.size() + 1, text.size()));
  } else if (const auto* parts = argument.if_array(); parts != nullptr && parts->size() == 2) {
    name = text_of((*parts)[0]);
    auto second = resolve((*parts)[1]);
    if (!second) return second;
    attribute = text_of(*second);
  }
  if (attribute.empty())
    return template_error(
        "Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute");
  if (!input_.made->resources.contains(name) || !input_.attribute)
    return template_error("instance of Fn::GetAtt references undefined resource " + name);
  return input_.attribute(name, attribute);
}

Answer<json::value> Resolver::substitute(const json::value& argument) {
  const auto* parts = argument.if_array();
  const json::value& text_value = parts != nullptr && !parts->empty() ? parts->front() : argument;
  if (!text_value.is_string())
    return template_error("One or more Fn::Sub intrinsic functions don't specify expected arguments.");
  std::map<std::string, std::string> local;
  if (parts != nullptr && parts->size() > 1 && (*parts)[1].is_object()) {
    for (const auto& entry : (*parts)[1].get_object()) {
      auto value = resolve(entry.value());
      if (!value) return value;
      local[entry.key()] = text_of(*value);
    }
  }
  std::string out;
  std::string_view text = text_value.get_string();
  while (true) {
    const std::size_t at = text.find("${");
    out += text.substr(0, at);
    if (at == text.npos) return json::value(out);
    const std::size_t end = text.find('}', at);
    if (end == text.npos) return template_error("variable names in Fn::Sub syntax must be closed with }");
    const std::string name(text.substr(at + 2, end - at - 2));
    text.remove_prefix(end + 1);
    if (name.starts_with('!')) {
      out += "${" + name.substr(1) + "}";
    } else if (const auto found = local.find(name); found != local.end()) {
      out += found->second;
    } else {
      const std::size_t dot = name.find('.');
      auto value =
          dot == name.npos || name.starts_with("AWS::") ? reference(name) : attribute(json::value(name));
      if (!value) return value;
      if (value->is_array()) return template_error("Fn::Sub: " + name + " is a list");
      out += text_of(*value);
    }
  }
}

Answer<json::value> Resolver::find_in_map(const json::array& parts) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < 3 && i < parts.size(); ++i) {
    auto part = resolve(parts[i]);
    if (!part) return part;
    names.push_back(text_of(*part));
  }
  if (names.size() < 3)
    return template_error(
        "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for "
        "return value");
  const json::value* found = core::find(input_.made->document, {"Mappings", names[0], names[1], names[2]});
  if (found != nullptr) return *found;
  // With AWS::LanguageExtensions there may be a value for everything else.
  if (const json::value* otherwise = parts.size() > 3 ? core::find(parts[3], {"DefaultValue"}) : nullptr)
    return resolve(*otherwise);
  return template_error("Unable to get mapping for " + names[0] + "::" + names[1] + "::" + names[2]);
}

Answer<bool> Resolver::truth(const json::value& value) {
  auto made = resolve(value);
  if (!made) return std::unexpected(made.error());
  return text_of(*made) == "true";
}

Answer<bool> Resolver::condition(const std::string& name) {
  if (const auto known = conditions_.find(name); known != conditions_.end()) return known->second;
  const json::value* given = core::find(input_.made->document, {"Conditions", name});
  if (given == nullptr) return template_error("Unresolved condition dependency " + name);
  const auto value = truth(*given);
  if (value) conditions_[name] = *value;
  return value;
}

Answer<bool> Resolver::is_wanted(const json::object& body) {
  const std::string name(core::find_string(body, {"Condition"}));
  return name.empty() ? Answer<bool>(true) : condition(name);
}

Answer<json::value> Resolver::function(std::string_view name, const json::value& argument) {
  if (name == "Ref") return reference(text_of(argument));
  if (name == "Condition") {
    const auto value = condition(text_of(argument));
    if (!value) return std::unexpected(value.error());
    return json::value(*value);
  }
  if (name == "Fn::GetAtt") return attribute(argument);
  if (name == "Fn::Sub") return substitute(argument);
  if (name == "Fn::Base64") {
    auto text = resolve(argument);
    if (!text) return text;
    return json::value(core::base64_encode(text_of(*text)));
  }
  if (name == "Fn::GetAZs") {
    json::array zones;
    for (const char* letter : {"a", "b", "c"}) zones.emplace_back(input_.region + letter);
    return zones;
  }
  if (name == "Fn::ToJsonString") {
    auto value = resolve(argument);
    if (!value) return value;
    return json::value(core::to_text(*value));
  }
  if (name == "Fn::Length") {
    auto list = resolve(argument);
    if (!list) return list;
    if (!list->is_array()) return template_error("Fn::Length expects a list");
    return json::value(list->get_array().size());
  }
  const auto* parts = argument.if_array();
  if (parts == nullptr) return template_error("every " + std::string(name) + " object requires a list");
  if (name == "Fn::FindInMap") return find_in_map(*parts);
  if (name == "Fn::If") {
    if (parts->size() != 3) return template_error("Fn::If requires a list argument with three elements");
    const auto value = condition(text_of((*parts)[0]));
    if (!value) return std::unexpected(value.error());
    return resolve((*parts)[*value ? 1 : 2]);
  }
  if (name == "Fn::And" || name == "Fn::Or") {
    if (parts->size() < 2 || parts->size() > 10)
      return template_error("every " + std::string(name) +
                            " object requires a list of at least 2 and at most 10 boolean parameters.");
    const bool is_and = name == "Fn::And";
    for (const json::value& each : *parts) {
      const auto value = truth(each);
      if (!value) return std::unexpected(value.error());
      if (*value != is_and) return json::value(!is_and);
    }
    return json::value(is_and);
  }
  if (name == "Fn::Not") {
    if (parts->size() != 1) return template_error("every Fn::Not object requires one boolean parameter.");
    const auto value = truth(parts->front());
    if (!value) return std::unexpected(value.error());
    return json::value(!*value);
  }
  // The others' arguments are resolved first.
  json::array made;
  for (const json::value& each : *parts) {
    auto part = resolve(each);
    if (!part) return part;
    made.push_back(std::move(*part));
  }
  if (name == "Fn::Equals") {
    if (made.size() != 2)
      return template_error("every Fn::Equals object requires a list of 2 string parameters.");
    return json::value(text_of(made[0]) == text_of(made[1]));
  }
  if (name == "Fn::Join") {
    if (made.size() != 2 || !made[1].is_array())
      return template_error(
          "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings "
          "to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.");
    std::string text;
    bool is_first = true;
    for (const json::value& each : made[1].get_array()) {
      if (!is_first) text += text_of(made[0]);
      is_first = false;
      text += text_of(each);
    }
    return json::value(text);
  }
  if (name == "Fn::Split") {
    if (made.size() != 2)
      return template_error(
          "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be "
          "split or a function that returns a string to be split.");
    return split(text_of(made[1]), text_of(made[0]), false);
  }
  if (name == "Fn::Select") {
    if (made.size() != 2 || !made[1].is_array())
      return template_error(
          "Fn::Select requires a list argument with two elements: an integer index and a list");
    const auto& list = made[1].get_array();
    const std::string text = text_of(made[0]);
    const bool is_number =
        !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
    const std::size_t index = is_number ? static_cast<std::size_t>(std::atol(text.c_str())) : list.size();
    if (index >= list.size())
      return template_error("Fn::Select cannot select nonexistent value at index " + text);
    return list[index];
  }
  if (name == "Fn::Contains" && made.size() == 2 && made[0].is_array())
    return json::value(std::ranges::any_of(
        made[0].get_array(), [&](const json::value& each) { return text_of(each) == text_of(made[1]); }));
  if ((name == "Fn::EachMemberIn" || name == "Fn::EachMemberEquals") && made.size() == 2 &&
      made[0].is_array()) {
    return json::value(std::ranges::all_of(made[0].get_array(), [&](const json::value& each) {
      if (!made[1].is_array()) return text_of(each) == text_of(made[1]);
      return std::ranges::any_of(made[1].get_array(),
                                 [&](const json::value& one) { return text_of(one) == text_of(each); });
    }));
  }
  return template_error(
      "Encountered unsupported function: " + std::string(name) +
      " Supported functions are: [Fn::Base64, Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, Fn::Join, "
      "Fn::Split, Fn::FindInMap, Fn::Select, Ref, Fn::Equals, Fn::If, Fn::Not, Condition, "
      "Fn::And, Fn::Or, Fn::Contains, Fn::EachMemberEquals, Fn::EachMemberIn, Fn::ValueOf, "
      "Fn::ValueOfAll, Fn::RefAll, Fn::Sub, Fn::Cidr]");
}

Answer<> Resolver::check_rules() {
  const auto* rules = core::find_object(input_.made->document, {"Rules"});
  if (rules == nullptr) return Reply{};
  for (const auto& rule : *rules) {
    if (const json::value* applies = core::find(rule.value(), {"RuleCondition"})) {
      const auto value = truth(*applies);
      if (!value) return std::unexpected(value.error());
      if (!*value) continue;
    }
    const auto* assertions = core::find_array(rule.value(), {"Assertions"});
    for (std::size_t i = 0; assertions != nullptr && i < assertions->size(); ++i) {
      const json::value* assertion = core::find((*assertions)[i], {"Assert"});
      const auto value = assertion == nullptr ? Answer<bool>(true) : truth(*assertion);
      if (!value) return std::unexpected(value.error());
      if (*value) continue;
      const std::string_view why = core::find_string((*assertions)[i], {"AssertDescription"});
      return refuse("ValidationError", "Template Validation Error: " +
                                           std::string(why.empty() ? std::string_view(rule.key()) : why));
    }
  }
  return Reply{};
}

}  // namespace simulation
