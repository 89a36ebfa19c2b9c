// Bodies in Kubernetes' protobuf form, which kubectl and other clients of the core API send since 1.32, as
// JSON. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
#pragma once

#include <string_view>

#include "core/json.hpp"

namespace apiserver::protobuf {

inline constexpr std::string_view media_type = "application/vnd.kubernetes.protobuf";

// Fields that we do not know are left out. Errors: invalid: what is broken (no envelope, cut, no UTF-8); or,
// with the code UnsupportedMediaType, a kind that is read only in JSON.
[[nodiscard]] core::Result<boost::json::object> decode(std::string_view body);

}  // namespace apiserver::protobuf
