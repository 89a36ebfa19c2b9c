#include "svcat/environment.hpp"

#include <algorithm>

#include "core/hash.hpp"
#include "kube/resource.hpp"

namespace svcat {

namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

bool is_variable_name(std::string_view name) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto fits = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
  };
  return !name.empty() && !is_digit(name.front()) && std::ranges::all_of(name, fits);
}

core::Result<std::map<std::string, std::string>> variables_of(const core::json::object& secret) {
  const std::string subject = "Secret " + kube::key_of(secret).to_string();
  std::map<std::string, std::string> variables;
  std::vector<std::string> bad_names;
  std::vector<std::string> bad_values;
  const core::json::object* data = core::find_object(secret, {"data"});
  for (const auto& [key, value] : data ? *data : core::json::object()) {
    const std::string name(key);
    if (!is_variable_name(name)) {
      bad_names.push_back(name);
      continue;
    }
    auto decoded = value.is_string() ? core::base64_decode(value.as_string())
                                     : core::fail(core::ErrorKind::invalid, "no text");
    if (!decoded || decoded->contains('\0')) {
      bad_values.push_back(name);
      continue;
    }
    variables[name] = std::move(*decoded);
  }
  if (!bad_names.empty()) {
    return core::fail(core::ErrorKind::invalid,
                      subject + " has keys that cannot be names of environment variables: " +
                          joined(bad_names) + "; rename them with spec.secretTransforms of the binding");
  }
  if (!bad_values.empty()) {
    return core::fail(
        core::ErrorKind::invalid,
        subject + " has values that cannot be in an environment variable: " + joined(bad_values));
  }
  return variables;
}

}  // namespace svcat
