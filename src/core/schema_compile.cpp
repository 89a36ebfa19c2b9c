// What is wrong with a schema itself: references that lead out of it, patterns that are no regular
// expressions, types that do not exist.
#include <algorithm>
#include <array>
#include <map>

#include "core/hash.hpp"
#include "core/pattern.hpp"
#include "core/schema.hpp"
#include "core/text.hpp"

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

constexpr std::size_t most_nodes = 50'000;
constexpr std::size_t most_patterns = 1'000;
constexpr std::size_t deepest_reference = 128;

class SchemaCheck {
 public:
  explicit SchemaCheck(const json::value& root) : root_(root) {}

  Result<> check(const json::value& schema, const std::string& path, std::size_t depth = 0) {
    if (++nodes_ > most_nodes)
      return fail(ErrorKind::invalid, "the schema has more than " + std::to_string(most_nodes) + " parts");
    if (depth > deepest_reference)
      return fail(ErrorKind::invalid,
                  "the schema is nested deeper than " + std::to_string(deepest_reference) + " levels");
    if (const auto* array = schema.if_array()) {
      for (std::size_t i = 0; i < array->size(); ++i) {
        if (auto checked = check((*array)[i], path + "/" + std::to_string(i), depth + 1); !checked)
          return checked;
      }
      return {};
    }
    const json::object* object = schema.if_object();
    if (object == nullptr) return {};
    for (const auto& entry : *object) {
      const std::string_view key = entry.key();
      if (key == "enum" || key == "const" || key == "default" || key == "examples") continue;
      Result<> checked;
      const std::string at = path + "/" + std::string(key);
      // Properties may be called like a keyword: then their value is a schema.
      if (const auto* text = entry.value().if_string()) {
        if (key == "$ref") checked = check_reference(*text);
        if (key == "pattern") checked = count_pattern(*text);
        if (key == "type") checked = check_type(*text);
        if (!checked) return fail(checked.error().with_context("at " + shortened(at, 200)));
      } else {
        checked = check(entry.value(), at, depth + 1);
      }
      if (!checked) return checked;
    }
    return follow(schema, path, 0);
  }

 private:
  enum class Mark : std::uint8_t { none, open, done };

  Result<> count_pattern(std::string_view text) {
    if (++patterns_ > most_patterns)
      return fail(ErrorKind::invalid,
                  "the schema has more than " + std::to_string(most_patterns) + " patterns");
    return check_pattern(text);
  }

  // Through what looks at the same value again: a way from a schema to itself never ends.
  Result<> follow(const json::value& schema, const std::string& path, std::size_t depth) {
    const json::object* object = schema.if_object();
    if (object == nullptr) return {};
    Mark& mark = marks_[object];
    if (mark == Mark::done) return {};
    if (mark == Mark::open || depth > deepest_reference * 4) {
      return fail(ErrorKind::invalid,
                  "the schema contains itself without end at " + shortened(path.empty() ? "/" : path, 200));
    }
    mark = Mark::open;
    const auto step = [&](const json::value* part, const std::string& name) -> Result<> {
      return part != nullptr ? follow(*part, path + "/" + name, depth + 1) : Result<>();
    };
    Result<> followed;
    if (const auto* reference = object->if_contains("$ref"); reference != nullptr && reference->is_string()) {
      // Beside a reference nothing counts (drafts 4 and 6).
      followed = step(target_of(reference->get_string()), "$ref");
      marks_[object] = Mark::done;
      return followed;
    }
    for (const char* name : {"allOf", "anyOf", "oneOf"}) {
      const json::array* parts = find_array(*object, {name});
      for (std::size_t i = 0; parts != nullptr && followed && i < parts->size(); ++i)
        followed = step(&(*parts)[i], std::string(name) + "/" + std::to_string(i));
    }
    if (followed) followed = step(object->if_contains("not"), "not");
    if (const json::object* dependencies = find_object(*object, {"dependencies"})) {
      for (const auto& entry : *dependencies) {
        if (followed) followed = step(&entry.value(), "dependencies/" + std::string(entry.key()));
      }
    }
    marks_[object] = Mark::done;
    return followed;
  }

  [[nodiscard]] const json::value* target_of(std::string_view reference) const {
    if (reference == "#" || reference == "#/") return &root_;
    if (!reference.starts_with('#')) return nullptr;
    const auto pointer = percent_decode(reference.substr(1));
    if (!pointer || !pointer->starts_with('/')) return nullptr;
    boost::system::error_code error;
    return root_.find_pointer(*pointer, error);
  }

  const json::value& root_;
  std::map<const json::object*, Mark> marks_;
  std::size_t nodes_ = 0;
  std::size_t patterns_ = 0;
};

}  // namespace

Result<JsonSchema> JsonSchema::compile(const json::value& schema) {
  if (!schema.is_object() && !schema.is_bool())
    return fail(ErrorKind::invalid, "a JSON schema must be an object");
  if (auto checked = SchemaCheck(schema).check(schema, ""); !checked) return fail(std::move(checked.error()));
  return JsonSchema(schema);
}

}  // namespace core
