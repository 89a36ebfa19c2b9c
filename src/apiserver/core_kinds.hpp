// What the kinds of the core API do beyond their schema: Secrets, ConfigMaps, Namespaces, ServiceAccounts,
// Events, Leases, CustomResourceDefinitions. Pure functions.
#pragma once

#include <vector>

#include "apiserver/kind.hpp"
#include "kube/status.hpp"

namespace apiserver {

inline const kube::Resource crd_resource{.group = "apiextensions.k8s.io",
                                         .version = "v1",
                                         .kind = "CustomResourceDefinition",
                                         .plural = "customresourcedefinitions",
                                         .namespaced = false};

// Holds a definition back until its objects are deleted.
inline constexpr std::string_view definition_finalizer = "customresourcecleanup.apiextensions.k8s.io";

// Fills in what the API server sets itself: a Secret's type and stringData, a namespace's phase, finalizer
// and name label. `before` is null at creation.
void complete(const Kind& kind, json::object& object, const json::object* before);

// Checks beyond the schema. `before` is null at creation.
[[nodiscard]] std::vector<kube::StatusCause> check(const Kind& kind, const json::object& object,
                                                   const json::object* before);

// Whether an object's name may be used: the complaint in the API's words.
[[nodiscard]] std::optional<std::string> check_name(const Kind& kind, std::string_view name);

// Finalizers outside of metadata: a namespace has some in its spec.
[[nodiscard]] bool has_own_finalizers(const Kind& kind, const json::object& object);

}  // namespace apiserver
