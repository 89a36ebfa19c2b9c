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
[[nodiscard]] core::Error error_of(const net::Reply& reply);

}  // namespace aws
