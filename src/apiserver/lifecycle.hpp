// What happens to an object's metadata when it is created, changed and deleted. Pure functions.
// Source:
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#metadata
#pragma once

#include <string>

#include "apiserver/answer.hpp"
#include "apiserver/kind.hpp"

namespace apiserver {

inline constexpr std::string_view foreground_finalizer = "foregroundDeletion";
inline constexpr std::string_view orphan_finalizer = "orphan";

// A new object: uid, times, generation; what only the server sets is thrown away, status too where it is a
// subresource.
void begin_life(const Kind& kind, json::object& object, const std::string& now);

// `next` becomes the successor of `current`: identity and what only the server sets is kept, status or all
// but status (by the subresource written), the generation counts. Errors: a foreign uid or version, new
// finalizers on what is being deleted.
[[nodiscard]] Answer<> continue_life(const Kind& kind, const json::object& current, json::object& next,
                                     std::string_view subresource);
// After admission and defaults: the generation.
void count_generation(const Kind& kind, const json::object& current, json::object& next);

struct DeleteOptions {
  std::string uid, resource_version;  // preconditions
  std::string propagation_policy;     // "" | Background | Foreground | Orphan
};
// The object being deleted: deletionTimestamp, and the finalizers that the policy asks for.
[[nodiscard]] json::object begin_deletion(const Kind& kind, const json::object& current,
                                          const DeleteOptions& options, const std::string& now);

// Nothing holds an object back that is being deleted.
[[nodiscard]] bool may_go(const Kind& kind, const json::object& object);
[[nodiscard]] bool has_finalizers(const Kind& kind, const json::object& object);

// Equal but for what every write changes.
[[nodiscard]] bool same_content(const json::object& left, const json::object& right);

}  // namespace apiserver
