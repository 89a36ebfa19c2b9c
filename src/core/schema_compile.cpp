// What is wrong with a schema itself: references that lead out of it, patterns that are no regular
// expressions, types that do not exist.
#include <algorithm>
#include <array>

#include "core/pattern.hpp"
#include "core/schema.hpp"

namespace core {

namespace {

constexpr std::array<std::string_view, 7> types{"null",   "boolean", "object", "array",
                                                "number", "string",  "integer"};

Result<> check_reference(std::string_view reference) {
  if (reference.starts_with('#')) return {};
  return fail(ErrorKind::invalid, "the schema refers to another document (" + std::string(reference) +
                                      "), which is not supported");
}

Result<> check_pattern(std::string_view text) {
  auto compiled = Pattern::compile(text);
  if (!compiled) return fail(compiled.error().with_context("the schema"));
  return {};
}

Result<> check_type(std::string_view type) {
  if (std::ranges::find(types, type) != types.end()) return {};
  return fail(ErrorKind::invalid, "the schema names a type that does not exist: " + std::string(type));
}

Result<> check_schema(const json::value& schema) {
  if (const auto* array = schema.if_array()) {
    for (const json::value& each : *array) {
      if (auto checked = check_schema(each); !checked) return checked;
    }
    return {};
  }
  const json::object* object = schema.if_object();
  if (object == nullptr) return {};
  for (const auto& entry : *object) {
    const std::string_view key = entry.key();
    if (key == "enum" || key == "const" || key == "default" || key == "examples") continue;
    Result<> checked;
    // Properties may be called like a keyword: then their value is a schema.
    if (const auto* text = entry.value().if_string()) {
      if (key == "$ref") checked = check_reference(*text);
      if (key == "pattern") checked = check_pattern(*text);
      if (key == "type") checked = check_type(*text);
    } else {
      checked = check_schema(entry.value());
    }
    if (!checked) return checked;
  }
  return {};
}

}  // namespace

Result<JsonSchema> JsonSchema::compile(const json::value& schema) {
  if (!schema.is_object() && !schema.is_bool())
    return fail(ErrorKind::invalid, "a JSON schema must be an object");
  if (auto checked = check_schema(schema); !checked) return fail(std::move(checked.error()));
  return JsonSchema(schema);
}

}  // namespace core
