// spec.secretTransforms: changes to credentials before they become a Secret. Pure.
#pragma once

#include "core/json.hpp"

namespace catalog {

namespace json = boost::json;

// renameKey, addKey (value, stringValue), removeKey, in order; a key to rename or remove that is absent is no
// error. Error: invalid (jsonPathExpression and addKeysFrom, which this version does not know; no base64 in
// value).
[[nodiscard]] core::Result<json::object> apply_secret_transforms(const json::array* transforms,
                                                                 json::object credentials);

}  // namespace catalog
