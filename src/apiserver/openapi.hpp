// The schemas of what is served, as OpenAPI documents: version 3 by group and version, version 2 as a whole.
// Made when asked for. Pure functions of the registry.
//
// kubectl reads from them: descriptions (explain), that writes take fieldValidation, and how lists merge.
#pragma once

#include <optional>
#include <string_view>

#include "apiserver/registry.hpp"

namespace apiserver::openapi {

// GET /openapi/v3: where the documents are; the addresses change when they do.
[[nodiscard]] json::object index(const Registry& registry);
// GET /openapi/v3/api/v1, /openapi/v3/apis/<group>/<version>
[[nodiscard]] std::optional<json::object> document_v3(const Registry& registry, std::string_view group,
                                                      std::string_view version);
// GET /openapi/v2
[[nodiscard]] json::object document_v2(const Registry& registry);

}  // namespace apiserver::openapi
