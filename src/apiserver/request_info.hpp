// What a request asks for, read from its method, path and query. Pure.
// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
#pragma once

#include <string>

#include "core/error.hpp"
#include "net/http.hpp"

namespace apiserver {

struct RequestInfo {
  std::string path;  // decoded
  bool is_resource = false;
  std::string
      verb;  // get list watch create update patch delete deletecollection; else the method in lower case
  std::string group, version, resource, namespace_, name, subresource;
};

// Error: invalid (a broken escape).
[[nodiscard]] core::Result<RequestInfo> request_info_of(const net::Request& request);

}  // namespace apiserver
