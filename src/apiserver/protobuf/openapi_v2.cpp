#include "apiserver/protobuf/openapi_v2.hpp"

#include <protozero/pbf_writer.hpp>

namespace apiserver::protobuf {

namespace json = boost::json;

namespace {

using Writer = protozero::pbf_writer;

void add_text(Writer& writer, std::uint32_t number, const json::object& object, std::string_view name) {
  if (const std::string_view text = core::find_string(object, {name}); !text.empty())
    writer.add_string(number, text.data(), text.size());
}

// Any {value = 1, yaml = 2}
void add_any(Writer& writer, std::uint32_t number, const json::value& value) {
  Writer any(writer, number);
  any.add_string(2, core::to_text(value));
}

// NamedAny {name = 1, value = 2}
void add_extensions(Writer& writer, std::uint32_t number, const json::object& object) {
  for (const auto& [name, value] : object) {
    if (!std::string_view(name).starts_with("x-")) continue;
    Writer extension(writer, number);
    extension.add_string(1, name.data(), name.size());
    add_any(extension, 2, value);
  }
}

void write_schema(Writer& writer, const json::object& schema);

// NamedSchema {name = 1, value = 2}
void add_named_schemas(Writer& writer, std::uint32_t number, const json::object& schemas) {
  for (const auto& [name, value] : schemas) {
    if (!value.is_object()) continue;
    Writer named(writer, number);
    named.add_string(1, name.data(), name.size());
    Writer schema(named, 2);
    write_schema(schema, value.get_object());
  }
}

void add_schema_item(Writer& writer, std::uint32_t number, const json::object& schema) {
  Writer item(writer, number);
  Writer inner(item, 1);
  write_schema(inner, schema);
}

void write_schema(Writer& writer, const json::object& schema) {
  add_text(writer, 1, schema, "$ref");
  add_text(writer, 2, schema, "format");
  add_text(writer, 4, schema, "description");
  if (const json::value* value = schema.if_contains("default")) add_any(writer, 5, *value);
  add_text(writer, 13, schema, "pattern");
  if (const json::array* required = core::find_array(schema, {"required"})) {
    for (const json::value& name : *required) writer.add_string(19, std::string(name.as_string()));
  }
  if (const json::array* values = core::find_array(schema, {"enum"})) {
    for (const json::value& value : *values) add_any(writer, 20, value);
  }
  if (const json::object* values = core::find_object(schema, {"additionalProperties"}))
    add_schema_item(writer, 21, *values);
  if (const std::string_view type = core::find_string(schema, {"type"}); !type.empty()) {
    Writer item(writer, 22);
    item.add_string(1, type.data(), type.size());
  }
  if (const json::object* items = core::find_object(schema, {"items"})) add_schema_item(writer, 23, *items);
  if (const json::object* properties = core::find_object(schema, {"properties"})) {
    Writer inner(writer, 25);
    add_named_schemas(inner, 1, *properties);
  }
  add_extensions(writer, 31, schema);
}

// ParametersItem {parameter = 1 {non_body_parameter = 2 {query = 3 | path = 4}}}
void add_parameter(Writer& writer, std::uint32_t number, const json::object& parameter) {
  const bool in_path = core::find_string(parameter, {"in"}) == "path";
  Writer item(writer, number);
  Writer outer(item, 1);
  Writer non_body(outer, 2);
  Writer inner(non_body, in_path ? 4 : 3);
  if (core::find_bool(parameter, {"required"}) == true) inner.add_bool(1, true);
  add_text(inner, 2, parameter, "in");
  add_text(inner, 3, parameter, "description");
  add_text(inner, 4, parameter, "name");
  add_text(inner, in_path ? 5 : 6, parameter, "type");
}

void add_parameters(Writer& writer, std::uint32_t number, const json::object& owner) {
  const json::array* const parameters = core::find_array(owner, {"parameters"});
  if (parameters == nullptr) return;
  for (const json::value& parameter : *parameters) add_parameter(writer, number, parameter.as_object());
}

void add_operation(Writer& writer, std::uint32_t number, const json::object& operation) {
  Writer inner(writer, number);
  add_text(inner, 5, operation, "operationId");
  add_parameters(inner, 8, operation);
  {  // Responses {NamedResponseValue = 1 {name = 1, value = 2 {response = 1 {description = 1}}}}
    Writer responses(inner, 9);
    Writer named(responses, 1);
    named.add_string(1, "200");
    Writer value(named, 2);
    Writer response(value, 1);
    response.add_string(1, "OK");
  }
  add_extensions(inner, 13, operation);
}

void add_path(Writer& writer, std::string_view path, const json::object& item) {
  constexpr std::pair<std::string_view, std::uint32_t> verbs[] = {
      {"get", 2}, {"put", 3}, {"post", 4}, {"delete", 5}, {"patch", 8}};
  Writer named(writer, 2);
  named.add_string(1, path.data(), path.size());
  Writer inner(named, 2);
  for (const auto& [verb, number] : verbs) {
    if (const json::object* operation = core::find_object(item, {verb}))
      add_operation(inner, number, *operation);
  }
  add_parameters(inner, 9, item);
}

}  // namespace

std::string openapi_v2(const json::object& document) {
  std::string bytes;
  Writer writer(bytes);
  add_text(writer, 1, document, "swagger");
  if (const json::object* info = core::find_object(document, {"info"})) {
    Writer inner(writer, 2);
    add_text(inner, 1, *info, "title");
    add_text(inner, 2, *info, "version");
  }
  if (const json::object* paths = core::find_object(document, {"paths"})) {
    Writer inner(writer, 8);
    for (const auto& [path, item] : *paths) add_path(inner, path, item.as_object());
  }
  if (const json::object* definitions = core::find_object(document, {"definitions"})) {
    Writer inner(writer, 9);
    add_named_schemas(inner, 1, *definitions);
  }
  return bytes;
}

}  // namespace apiserver::protobuf
