// The forms of an answer, by the Accept header: the object itself, a Table, its metadata only; as JSON or
// YAML. Source:
// https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace apiserver {

struct Form {
  enum class Shape { object, table, metadata };
  Shape shape = Shape::object;
  bool yaml = false;
  std::string version;    // of Table and PartialObjectMetadata: v1, v1beta1
  std::string discovery;  // of aggregated discovery: v2, v2beta1
};

// The first that can be served; nullopt: none (406).
[[nodiscard]] std::optional<Form> negotiate(std::string_view accept);

}  // namespace apiserver
