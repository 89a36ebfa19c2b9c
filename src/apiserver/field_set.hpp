// Sets of fields as server-side apply keeps them: paths into an object, and their form FieldsV1.
// Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/json.hpp"

namespace apiserver {

namespace json = boost::json;

// Steps as FieldsV1 writes them: f:name, k:{"key":"value"}, v:"value".
using FieldPath = std::vector<std::string>;
using FieldSet = std::set<FieldPath>;

// The fields of an object that somebody can own: all but apiVersion, kind and what the server sets.
[[nodiscard]] FieldSet fields_of(const json::object& object, const json::object& schema);

[[nodiscard]] json::object to_fields_v1(const FieldSet& fields);
[[nodiscard]] FieldSet from_fields_v1(const json::object& fields);

// nullptr where the object has no such field.
[[nodiscard]] const json::value* value_at(const json::object& object, const FieldPath& path);
void remove_at(json::object& object, const FieldPath& path);
// The applied configuration on top of the object: maps merge, lists by their list type.
void merge_applied(json::value& target, const json::value& applied, const json::object& schema);

// ".spec.conditions[type=\"Ready\"].status", as conflicts are told.
[[nodiscard]] std::string to_string(const FieldPath& path);

// The schema of the whole object with that of metadata in it.
[[nodiscard]] json::object with_metadata_schema(const json::object& schema);

}  // namespace apiserver
