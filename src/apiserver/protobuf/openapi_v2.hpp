// The OpenAPI 2 document in gnostic's protobuf form, the only one that kubectl takes it in (it looks there
// for kinds that the version 3 documents do not have, such as List). Source:
// https://github.com/google/gnostic-models/blob/main/openapiv2/OpenAPIv2.proto
#pragma once

#include <string>

#include "core/json.hpp"

namespace apiserver::protobuf {

// As it is asked for; and as it is answered, since '@' is no character of a media type.
inline constexpr std::string_view openapi_v2_accept =
    "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
inline constexpr std::string_view openapi_v2_media_type =
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

// What clients read of it: definitions, and parameters of operations. Responses are named only.
[[nodiscard]] std::string openapi_v2(const boost::json::object& document);

}  // namespace apiserver::protobuf
