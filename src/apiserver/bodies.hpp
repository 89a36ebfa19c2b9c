// Request bodies as JSON, by their Content-Type. Pure functions.
#pragma once

#include "apiserver/answer.hpp"
#include "apiserver/lifecycle.hpp"
#include "core/json.hpp"
#include "net/http.hpp"

namespace apiserver {

namespace json = boost::json;

// An object in JSON, YAML or, of the core API, protobuf. Errors: 400, 415.
[[nodiscard]] Answer<json::object> object_of(const net::Request& request);
// A patch: an array for JSON patches, else an object.
[[nodiscard]] Answer<json::value> patch_of(const net::Request& request);

// DeleteOptions from the body and the query.
struct DeleteRequest {
  DeleteOptions options;
  bool dry_run = false;
};
[[nodiscard]] Answer<DeleteRequest> delete_request_of(const net::Request& request);

[[nodiscard]] std::string_view media_type_of(const net::Request& request);
[[nodiscard]] std::unexpected<Failure> refuse_media_type(std::string_view accepted);

}  // namespace apiserver
