// The Secret that a binding's credentials become. Pure.
#pragma once

#include "catalog/api/views.hpp"
#include "catalog/policies/secret_transforms.hpp"
#include "core/error.hpp"

namespace catalog {

// What a Secret is made of.
struct SecretContent {
  json::object credentials;            // as the broker gave them
  std::string service_type, provider;  // for spec.secretEntries: the class's external name, the broker's name
  SecretData other_secrets;            // those of addKeysFrom that exist
};

// Each credential becomes a key; a value that is no string is written as JSON text. spec.secretEntries are
// added where the broker gives no such key, then spec.secretTransforms are applied in order
// (secret_transforms.hpp). Owned by the binding, type Opaque, without labels and annotations. Errors:
// invalid, naming the key (never a value): a key that a Secret cannot have, a transform that cannot be done.
[[nodiscard]] core::Result<json::object> secret_for(const BindingView& binding, SecretContent content);

// Whether the Secret is this binding's, so that it may be replaced or deleted.
[[nodiscard]] bool is_owned_by(const json::object& secret, const BindingView& binding);

}  // namespace catalog
