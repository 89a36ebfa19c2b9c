#include "simulation/aws/cloudformation/parameters.hpp"

#include <algorithm>
#include <charconv>

namespace simulation {

namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::vector<std::string> members_of(const TemplateParameter& parameter, const std::string& value) {
  if (!parameter.is_list()) return {value};
  std::vector<std::string> members;
  std::size_t start = 0;
  while (start <= value.size()) {
    const std::size_t end = std::min(value.find(',', start), value.size());
    std::string part = value.substr(start, end - start);
    part.erase(0, std::min(part.find_first_not_of(' '), part.size()));
    part.erase(part.find_last_not_of(' ') + 1);
    members.push_back(std::move(part));
    start = end + 1;
  }
  return members;
}

// What is wrong with the value, as CloudFormation words it; "" where nothing is.
std::string problem_of(const TemplateParameter& parameter, const std::string& value) {
  const std::string name = "Parameter '" + parameter.name + "' must ";
  const auto or_own = [&](std::string text) {
    return parameter.constraint_description.empty()
               ? text
               : "Parameter " + parameter.name +
                     " failed to satisfy constraint: " + parameter.constraint_description;
  };
  constexpr std::size_t most_bytes = 4'096;
  if (value.size() > most_bytes) return name + "contain no more than 4096 characters";
  for (const std::string& member : members_of(parameter, value)) {
    if (!parameter.allowed_values.empty() &&
        std::ranges::find(parameter.allowed_values, member) == parameter.allowed_values.end())
      return or_own(name + "be one of AllowedValues");
    if (parameter.pattern && !std::regex_match(member, *parameter.pattern))
      return or_own(name + "match pattern " + parameter.allowed_pattern);
    if (parameter.shortest && member.size() < *parameter.shortest)
      return or_own(name + "contain at least " + std::to_string(*parameter.shortest) + " characters");
    if (parameter.longest && member.size() > *parameter.longest)
      return or_own(name + "contain at most " + std::to_string(*parameter.longest) + " characters");
    if (parameter.type == "Number" || parameter.type == "List<Number>") {
      double number = 0;
      const auto read = std::from_chars(member.data(), member.data() + member.size(), number);
      if (member.empty() || read.ec != std::errc() || read.ptr != member.data() + member.size())
        return name + "be a number";
      if (parameter.most && number > *parameter.most)
        return or_own(name + "be a number not greater than " + text_of(*parameter.most));
      if (parameter.least && number < *parameter.least)
        return or_own(name + "be a number not less than " + text_of(*parameter.least));
    }
  }
  return "";
}

}  // namespace

Answer<ParameterValues> parameters_of(const Form& form, const Template& made, const ParameterValues* before) {
  ParameterValues given;
  std::vector<std::string> unknown;
  for (const std::string& entry : form.members("Parameters")) {
    const std::string& name = form.get(entry + "ParameterKey");
    if (given.contains(name)) return validation_error("Duplicate parameter key " + name);
    if (form.flag(entry + "UsePreviousValue")) {
      if (form.has(entry + "ParameterValue"))
        return validation_error("Invalid input for parameter key " + name +
                                ". Cannot specify both a value and usePreviousValue=true");
      if (before == nullptr || !before->contains(name))
        return validation_error(
            "Invalid input for parameter key " + name +
            ". Cannot specify usePreviousValue as true for a parameter key not in the previous template");
      given[name] = before->at(name);
    } else {
      if (!form.has(entry + "ParameterValue"))
        return validation_error(
            "Invalid input for parameter key " + name +
            ". Need to specify either usePreviousValue as true or a value for the parameter");
      given[name] = form.get(entry + "ParameterValue");
    }
    if (made.find_parameter(name) == nullptr) unknown.push_back(name);
  }
  if (!unknown.empty())
    return validation_error("Parameters: [" + joined(unknown) + "] do not exist in the template");
  ParameterValues values;
  std::vector<std::string> missing;
  for (const TemplateParameter& parameter : made.parameters) {
    if (const auto found = given.find(parameter.name); found != given.end()) {
      values[parameter.name] = found->second;
    } else if (parameter.default_value) {
      values[parameter.name] = *parameter.default_value;
    } else {
      missing.push_back(parameter.name);
    }
  }
  if (!missing.empty()) return validation_error("Parameters: [" + joined(missing) + "] must have values");
  for (const TemplateParameter& parameter : made.parameters) {
    if (parameter.type.starts_with("AWS::SSM::Parameter::Value<")) continue;
    if (std::string problem = problem_of(parameter, values.at(parameter.name)); !problem.empty())
      return validation_error(std::move(problem));
  }
  return values;
}

Answer<ParameterValues> with_ssm_values(const Template& made, ParameterValues values, const SsmService& ssm) {
  std::vector<std::string> missing;
  for (const TemplateParameter& parameter : made.parameters) {
    if (!parameter.type.starts_with("AWS::SSM::Parameter::Value<")) continue;
    std::string& value = values[parameter.name];
    const SsmVersion* found = ssm.find(value);
    const SsmParameter* of = ssm.find_parameter(value);
    if (found == nullptr || of->type == "SecureString") {
      missing.push_back(value);
    } else {
      value = found->value;
    }
  }
  if (!missing.empty())
    return validation_error("Unable to fetch parameters [" + joined(missing) +
                            "] from parameter store for this account.");
  return values;
}

}  // namespace simulation
