// What a client says about the form of an answer that it takes, and about the one that it has (RFC 9110).
#pragma once

#include <string_view>

#include "net/http.hpp"

namespace net {

// Accept-Encoding (12.5.3): gzip is acceptable, and liked no less than the plain bytes.
[[nodiscard]] bool prefers_gzip(const Headers& request);

// If-None-Match (13.1.2): the client has what `etag` stands for, or anything ("*"). Compared weakly.
[[nodiscard]] bool has_already(const Headers& request, std::string_view etag);

}  // namespace net
