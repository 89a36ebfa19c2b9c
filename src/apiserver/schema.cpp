#include "apiserver/schema.hpp"

namespace apiserver::schema {

namespace {

constexpr std::string_view preserve_unknown = "x-kubernetes-preserve-unknown-fields";
constexpr std::string_view embedded_resource = "x-kubernetes-embedded-resource";

std::string joined(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

void prune_object(json::object& object, const json::object& schema, bool is_resource, const std::string& path,
                  std::vector<std::string>& unknown) {
  const bool keeps = flag(schema, preserve_unknown);
  for (auto member = object.begin(); member != object.end();) {
    const std::string_view name = member->key();
    const json::object* const known = of_member(schema, name);
    const bool is_own = is_resource && (name == "apiVersion" || name == "kind" || name == "metadata");
    if (known != nullptr && !is_own) {
      prune_part(member->value(), *known, joined(path, name), unknown);
    } else if (!keeps && !is_own && core::find_bool(schema, {"additionalProperties"}) != true) {
      unknown.push_back(joined(path, name));
      member = object.stable_erase(member);
      continue;
    }
    ++member;
  }
}

core::Result<> check_members(const json::object& members, const std::string& path) {
  for (const auto& [name, member] : members) {
    const json::object* const schema = member.if_object();
    if (schema == nullptr)
      return core::fail(core::ErrorKind::invalid,
                        joined(path, std::string_view(name)) + ": must be a schema");
    if (auto checked = check(*schema, joined(path, std::string_view(name))); !checked) return checked;
  }
  return {};
}

}  // namespace

bool flag(const json::object& schema, std::string_view name) {
  return core::find_bool(schema, {name}).value_or(false);
}

const json::object* of_member(const json::object& schema, std::string_view name) {
  if (const json::object* member = core::find_object(schema, {"properties", name})) return member;
  return core::find_object(schema, {"additionalProperties"});
}

const json::object* of_items(const json::object& schema) {
  return core::find_object(schema, {"items"});
}

core::Result<> check(const json::object& schema, const std::string& path) {
  const std::string_view type = core::find_string(schema, {"type"});
  const bool typeless = flag(schema, "x-kubernetes-int-or-string") || flag(schema, preserve_unknown);
  if (type.empty() && !typeless)
    return core::fail(core::ErrorKind::invalid,
                      path + ".type: Required value: must not be empty for specified object fields");
  if (schema.contains("$ref"))
    return core::fail(core::ErrorKind::invalid, path + ".$ref: Forbidden: $ref is not supported");
  if (const json::object* members = core::find_object(schema, {"properties"})) {
    if (auto checked = check_members(*members, path + ".properties"); !checked) return checked;
  }
  if (const json::object* items = of_items(schema)) {
    if (auto checked = check(*items, path + ".items"); !checked) return checked;
  } else if (type == "array") {
    return core::fail(core::ErrorKind::invalid, path + ".items: Required value: must be specified");
  }
  if (const json::object* values = core::find_object(schema, {"additionalProperties"}))
    return check(*values, path + ".additionalProperties");
  return {};
}

void set_defaults(json::value& value, const json::object& schema) {
  if (json::object* object = value.if_object()) {
    if (const json::object* members = core::find_object(schema, {"properties"})) {
      for (const auto& [name, member] : *members) {
        const json::object* const known = member.if_object();
        if (known == nullptr) continue;
        const json::value* const present = object->if_contains(name);
        if (present != nullptr && present->is_null() && !flag(*known, "nullable")) object->stable_erase(name);
        const json::value* const fallback = known->if_contains("default");
        if (fallback != nullptr && !object->contains(name)) (*object)[name] = *fallback;
      }
    }
    for (auto& [name, member] : *object) {
      if (const json::object* known = of_member(schema, name)) set_defaults(member, *known);
    }
  } else if (json::array* list = value.if_array()) {
    if (const json::object* items = of_items(schema)) {
      for (json::value& element : *list) set_defaults(element, *items);
    }
  }
}

void prune(json::object& object, const json::object& schema, std::vector<std::string>& unknown) {
  prune_object(object, schema, true, "", unknown);
}

void prune_part(json::value& value, const json::object& schema, const std::string& path,
                std::vector<std::string>& unknown) {
  if (json::object* object = value.if_object()) {
    prune_object(*object, schema, flag(schema, embedded_resource), path, unknown);
  } else if (json::array* list = value.if_array()) {
    const json::object* const items = of_items(schema);
    if (items == nullptr) return;
    for (std::size_t i = 0; i < list->size(); ++i)
      prune_part((*list)[i], *items, path + "[" + std::to_string(i) + "]", unknown);
  }
}

void drop_nulls(json::value& value) {
  if (json::object* object = value.if_object()) {
    for (auto member = object->begin(); member != object->end();) {
      if (member->value().is_null()) {
        member = object->stable_erase(member);
      } else {
        drop_nulls(member->value());
        ++member;
      }
    }
  } else if (json::array* list = value.if_array()) {
    for (json::value& element : *list) drop_nulls(element);
  }
}

}  // namespace apiserver::schema
