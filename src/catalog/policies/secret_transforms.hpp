// spec.secretTransforms: changes to credentials before they become a Secret. Pure.
#pragma once

#include <map>
#include <vector>

#include "catalog/api/views.hpp"
#include "core/json.hpp"
#include "kube/resource.hpp"

namespace catalog {

namespace json = boost::json;

// The data (base64) of Secrets that addKeysFrom names.
using SecretData = std::map<kube::ObjectKey, json::object>;

// renameKey, addKey (stringValue, value, jsonPathExpression, template), addKeysFrom and removeKey, in order,
// each over what those before it made; a key to rename or remove that is absent is no error. Errors: invalid,
// naming the transform's place and the key, never a value; too_large, which no repetition changes: more than
// 4 MiB of text in between, or an expression above its budget (kube::JsonPathTemplate).
[[nodiscard]] core::Result<json::object> apply_secret_transforms(const BindingView& binding,
                                                                 json::object credentials,
                                                                 const SecretData& other_secrets);

// The Secrets of addKeysFrom; one without a namespace is in the binding's.
[[nodiscard]] std::vector<kube::ObjectKey> secrets_to_add(const BindingView& binding);

// What can be said against the transforms before there are credentials. Error: invalid.
[[nodiscard]] core::Result<> check_secret_transforms(const BindingView& binding);

}  // namespace catalog
