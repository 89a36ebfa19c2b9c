// AWS error codes as kinds of core::Error.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "net/http.hpp"

namespace aws {

// From a code as AWS gives it ("ThrottlingException",
// "com.amazonaws.dynamodb#ConditionalCheckFailedException"), AWS's own message and the status.
[[nodiscard]] core::Error make_error(std::string_view code, std::string_view message, int http_status);

// Reads the error out of an answer with status ≥ 300, of whichever protocol (XML or JSON; S3's <Error>,
// Query's <ErrorResponse>).
// One that names no code is not AWS's but of something between, a proxy's "404 page not found": it says
// nothing of what is there (unavailable, whatever its status). Only answers to HEAD, which have no body, go
// by the status.
[[nodiscard]] core::Error error_of(const net::Reply& reply, std::string_view method);

}  // namespace aws
