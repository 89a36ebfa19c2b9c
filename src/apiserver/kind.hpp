// What the API server knows of one kind in one version: from a CRD, or from a file of kinds/ in the same
// form.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apiserver/column.hpp"
#include "core/json.hpp"
#include "kube/resource.hpp"

namespace apiserver {

struct Kind {
  kube::Resource resource;
  std::string singular, list_kind;
  std::vector<std::string> short_names, categories;
  std::vector<Column> columns;
  std::vector<std::string> selectable_fields;  // "spec.externalName", beside metadata.name and .namespace
  json::object schema;                         // openAPIV3Schema
  bool has_status = false;                     // the status subresource
  bool built_in = false;                       // one of the core API's: typed in Go on a real server
  std::string digest;                          // of what OpenAPI tells about it

  // "/<group or core>/<plural>/"
  [[nodiscard]] std::string key_prefix() const;
  [[nodiscard]] std::string key_prefix(std::string_view namespace_) const;  // "" for all
  [[nodiscard]] std::string key(const kube::ObjectKey& object) const;
  [[nodiscard]] kube::ObjectKey object_key(std::string_view key) const;  // the other way round
  [[nodiscard]] bool is(const kube::Resource& other) const {
    return resource.group == other.group && resource.plural == other.plural;
  }
};
using KindPtr = std::shared_ptr<const Kind>;

// The served storage version of a CustomResourceDefinition. Errors: invalid: what cannot be served, and
// where.
[[nodiscard]] core::Result<Kind> kind_of_crd(const json::object& crd);

// The schema of metadata, which all kinds share.
[[nodiscard]] const json::object& object_meta_schema();

}  // namespace apiserver
