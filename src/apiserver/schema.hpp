// Structural schemas, applied to objects: defaults, pruning of unknown fields, validation. The schema is read
// as it is written (JSON), so that it is held once. Source:
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
//
// Pure functions. Messages are those of kube-apiserver.
#pragma once

#include <string>
#include <vector>

#include "core/json.hpp"
#include "kube/status.hpp"

namespace apiserver::schema {

namespace json = boost::json;

// Where a CRD's schema cannot be used: "spec.versions[0]…: why".
[[nodiscard]] core::Result<> check(const json::object& schema, const std::string& path);

// Drops nulls of fields that are not nullable, then fills in what is missing.
void set_defaults(json::value& value, const json::object& schema);

// Removes what the schema does not know, and tells the paths of it ("spec.parameterss"). At the root (and in
// embedded resources) apiVersion, kind and metadata stay.
void prune(json::object& object, const json::object& schema, std::vector<std::string>& unknown);
// The same for a part of an object that is no resource of its own.
void prune_part(json::value& value, const json::object& schema, const std::string& path,
                std::vector<std::string>& unknown);

// Members that are null, at any depth: as Go's typed kinds read them.
void drop_nulls(json::value& value);

// Everything that is wrong; the root's metadata is left out.
[[nodiscard]] std::vector<kube::StatusCause> validate(const json::object& object, const json::object& schema);
[[nodiscard]] std::vector<kube::StatusCause> validate_part(const json::value& value,
                                                           const json::object& schema,
                                                           const std::string& path);

// The schema of a member or of a list's elements; nullptr where the schema says nothing.
[[nodiscard]] const json::object* of_member(const json::object& schema, std::string_view name);
[[nodiscard]] const json::object* of_items(const json::object& schema);
[[nodiscard]] bool flag(const json::object& schema, std::string_view name);

}  // namespace apiserver::schema
