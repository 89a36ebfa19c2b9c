#include "broker/dynamic_references.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <string>

#include "core/text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_name = 200;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool ends_with_a_beginning(std::string_view part) {
  constexpr std::array<std::string_view, 2> wholes{"{{resolve", "{resolve"};
  return std::ranges::any_of(wholes, [part](std::string_view whole) {
    for (std::size_t length = whole.size(); length > 0; --length) {
      if (part.ends_with(whole.substr(0, length))) return true;
    }
    return false;
  });
}

bool holds_dynamic_reference(const json::value& value) {
  if (const auto* text = value.if_string()) return may_be_dynamic_reference(*text);
  if (const auto* list = value.if_array()) return std::ranges::any_of(*list, holds_dynamic_reference);
  const json::object* map = value.if_object();
  return map != nullptr && std::ranges::any_of(*map, [](const auto& entry) {
           return may_be_dynamic_reference(entry.key()) || holds_dynamic_reference(entry.value());
         });
}

}  // namespace

bool may_be_dynamic_reference(std::string_view text) {
  std::string plain = core::to_lower(text);
  std::erase_if(plain, is_space);
  if (plain.starts_with("resolve:") || plain.find("{resolve") != std::string::npos) return true;
  return std::ranges::any_of(std::views::split(plain, ','), [](const auto part) {
    return ends_with_a_beginning(std::string_view(part.begin(), part.end()));
  });
}

core::Result<> check_no_dynamic_reference(std::string_view what, const json::value& value) {
  if (!holds_dynamic_reference(value)) return {};
  return core::fail(core::ErrorKind::invalid,
                    std::string(what) +
                        " has a dynamic reference of CloudFormation ({{resolve:...}}) or a part of one, "
                        "which only administrators may set. Use the value itself.");
}

core::Result<> check_no_dynamic_references(const json::value& parameters) {
  const json::object* given = parameters.if_object();
  if (given == nullptr) return {};
  for (const auto& entry : *given) {
    const std::string name = core::shortened(entry.key(), longest_name);
    for (const json::value& each : {json::value(entry.key()), entry.value()}) {
      if (auto checked = check_no_dynamic_reference("The parameter " + name, each); !checked) return checked;
    }
  }
  return {};
}

core::Result<> check_no_dynamic_references(const Origin& origin) {
  for (const auto& [what, value] :
       {std::pair("cluster", &origin.cluster), std::pair("namespace", &origin.namespace_)}) {
    auto checked =
        check_no_dynamic_reference("The " + std::string(what) + " of the context", json::value(*value));
    if (!checked) return checked;
  }
  return {};
}

}  // namespace broker
