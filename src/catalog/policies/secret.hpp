// The Secret that a binding's credentials become. Pure.
#pragma once

#include "catalog/api/views.hpp"
#include "core/error.hpp"

namespace catalog {

// Each credential becomes a key; a value that is no string is written as JSON text. spec.secretTransforms are
// applied in order (secret_transforms.hpp). Owned by the binding, type Opaque, without labels and
// annotations. Errors: invalid, naming the key (never a value): a key that a Secret cannot have, a transform
// that cannot be done.
[[nodiscard]] core::Result<json::object> secret_for(const BindingView& binding,
                                                    const json::object& credentials);

// Whether the Secret is this binding's, so that it may be replaced or deleted.
[[nodiscard]] bool is_owned_by(const json::object& secret, const BindingView& binding);

}  // namespace catalog
