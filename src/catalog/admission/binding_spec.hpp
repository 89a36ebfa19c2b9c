// What of a binding's spec can be judged by itself: secretTransforms and rotation.
#pragma once

#include <vector>

#include "catalog/admission/lookup.hpp"
#include "catalog/api/views.hpp"

namespace catalog::admission {

// The Secrets of addKeysFrom that the requesting user may not `get`: a binding shows what is in them.
[[nodiscard]] async::Task<core::Result<std::vector<kube::ObjectKey>>> unreadable_secrets(
    const Request& request, Lookup& lookup);

// Errors: invalid, forbidden (unreadable_secrets).
[[nodiscard]] core::Result<> check_transforms(const Request& request,
                                              const std::vector<kube::ObjectKey>& unreadable);
[[nodiscard]] core::Result<> check_rotation(const BindingView& binding);

}  // namespace catalog::admission
