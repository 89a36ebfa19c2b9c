#include "catalog/policies/secret_transforms.hpp"

#include "core/hash.hpp"

namespace catalog {

namespace {

core::Result<> add_key(const json::object& transform, json::object& credentials) {
  std::string_view key = core::find_string(transform, {"key"});
  if (!core::find_string(transform, {"jsonPathExpression"}).empty()) {
    return core::fail(core::ErrorKind::invalid,
                      "secretTransforms: jsonPathExpression (for key \"" + std::string(key) +
                          "\") is not supported by this version; use value or stringValue");
  }
  if (const json::value* text = transform.if_contains("stringValue"); text && text->is_string()) {
    credentials[key] = *text;
    return {};
  }
  core::Result<std::string> decoded = core::base64_decode(core::find_string(transform, {"value"}));
  if (!decoded) {
    return core::fail(core::ErrorKind::invalid,
                      "secretTransforms: the value for key \"" + std::string(key) + "\" is no base64");
  }
  credentials[key] = *decoded;
  return {};
}

void rename_key(const json::object& transform, json::object& credentials) {
  std::string_view from = core::find_string(transform, {"from"});
  const json::value* value = credentials.if_contains(from);
  if (!value) return;
  json::value kept = *value;
  credentials.erase(from);
  credentials[core::find_string(transform, {"to"})] = std::move(kept);
}

}  // namespace

core::Result<json::object> apply_secret_transforms(const json::array* transforms, json::object credentials) {
  if (!transforms) return credentials;
  for (const json::value& transform : *transforms) {
    if (const json::object* rename = core::find_object(transform, {"renameKey"})) {
      rename_key(*rename, credentials);
    } else if (const json::object* add = core::find_object(transform, {"addKey"})) {
      if (core::Result<> added = add_key(*add, credentials); !added) return core::fail(added.error());
    } else if (const json::object* remove = core::find_object(transform, {"removeKey"})) {
      credentials.erase(core::find_string(*remove, {"key"}));
    } else {
      return core::fail(
          core::ErrorKind::invalid,
          "secretTransforms: only renameKey, addKey and removeKey are supported by this version");
    }
  }
  return credentials;
}

}  // namespace catalog
