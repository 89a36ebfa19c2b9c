// The patch formats of the Kubernetes API, applied to JSON. (Merge patches: core::merge_patch, RFC 7386.)
#pragma once

#include "core/error.hpp"
#include "core/json.hpp"

namespace kube {

namespace json = boost::json;

// RFC 6902, all or nothing: add, remove, replace, move, copy, test.
// Errors: invalid (the patch itself is malformed), unprocessable (a path that does not exist, a test that
// does not hold), too_large (more than 10,000 operations, copies that multiply); the message names the
// operation: "operation 2: replace /spec/x: does not exist".
[[nodiscard]] core::Result<json::value> apply_json_patch(json::value document, const json::value& patch);

// Strategic merge for the kinds of the core API served here: maps merge, null removes; lists are replaced,
// but those that have a merge key: metadata.ownerReferences (uid), metadata.finalizers (a set), a service
// account's secrets (name), status.conditions (type). Directives: $patch:
// replace|delete|merge, $deleteFromPrimitiveList/<list>, $setElementOrder/<list>, $retainKeys. Source:
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
// Error: invalid.
[[nodiscard]] core::Result<json::value> apply_strategic_merge_patch(json::value document,
                                                                    const json::value& patch);

}  // namespace kube
