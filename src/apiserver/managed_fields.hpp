// Who owns which fields (metadata.managedFields), and server-side apply by it. Pure functions.
// Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/
//
// Fields are tracked from an object's first server-side apply on; what was there before belongs then to the
// manager "before-first-apply", as on a real server for objects without managed fields.
#pragma once

#include <string>

#include "apiserver/answer.hpp"
#include "apiserver/kind.hpp"

namespace apiserver {

struct Manager {
  std::string name;         // "kubectl"
  std::string subresource;  // "" | "status"
  std::string time;         // RFC 3339
};

// The object with the configuration applied; `current` is null where it does not exist yet. Error: conflict,
// naming the fields and their owners, unless forced.
[[nodiscard]] Answer<json::object> apply_configuration(const Kind& kind, const json::object* current,
                                                       json::object configuration, const Manager& manager,
                                                       bool force);

// After any other write: who changes a field owns it from now on.
void track_update(const Kind& kind, const json::object& before, json::object& after, const Manager& manager);

}  // namespace apiserver
