#include "broker/allowed_pattern.hpp"

#include <algorithm>

#include "core/pattern.hpp"

namespace broker {

namespace {

// In Java's syntax a class may hold classes ([a-z[0-9]], [a-z&&[^aeiou]]), which RE2 would take for
// characters.
bool has_nested_class(std::string_view pattern) {
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '[') {
      if (in_class) return true;
      in_class = true;
    } else if (pattern[i] == ']') {
      in_class = false;
    } else if (in_class && pattern.substr(i).starts_with("&&")) {
      return true;
    }
  }
  return false;
}

}  // namespace

core::Result<> check_allowed_pattern(const TemplateParameter& parameter, std::string_view value) {
  if (parameter.allowed_pattern.empty() || has_nested_class(parameter.allowed_pattern)) return {};
  const auto pattern = core::Pattern::compile("\\A(?:" + parameter.allowed_pattern + ")\\z");
  if (!pattern) return {};
  const auto matches = [&](std::string_view text) { return pattern->is_found_in(text); };
  bool is_allowed = true;
  if (parameter.is_list) {
    for (std::size_t start = 0; is_allowed && start <= value.size();) {
      const std::size_t end = std::min(value.find(',', start), value.size());
      std::string_view element = value.substr(start, end - start);
      while (element.starts_with(' ')) element.remove_prefix(1);
      while (element.ends_with(' ')) element.remove_suffix(1);
      is_allowed = matches(element);
      start = end + 1;
    }
  } else {
    is_allowed = matches(value);
  }
  if (is_allowed) return {};
  std::string description = parameter.constraint_description;
  if (description.ends_with('.')) description.pop_back();
  return core::fail(
      core::ErrorKind::invalid,
      "The parameter " + parameter.name + " has a value that the template does not allow: " +
          (description.empty() ? "it must match the pattern " + parameter.allowed_pattern : description) +
          ".");
}

}  // namespace broker
