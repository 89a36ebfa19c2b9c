// What is served, for clients to find out: groups, versions, resources; classic and aggregated. Pure
// functions of the registry. Source:
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "apiserver/registry.hpp"

namespace apiserver::discovery {

// GET /api, GET /apis
[[nodiscard]] json::object core_versions();
[[nodiscard]] json::object group_list(const Registry& registry);
// GET /apis/<group>; nullopt: not served
[[nodiscard]] std::optional<json::object> group(const Registry& registry, std::string_view group);
// GET /api/v1, GET /apis/<group>/<version>
[[nodiscard]] std::optional<json::object> resource_list(const Registry& registry, std::string_view group,
                                                        std::string_view version);
// All of /api (core) or of /apis at once; version: v2 or v2beta1
[[nodiscard]] json::object aggregated(const Registry& registry, bool core, std::string_view version);

}  // namespace apiserver::discovery
