// AWS Signature Version 4
// (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). Everything that goes
// into a signature is an argument, the time too; each stage can be looked at by tests.
#pragma once

#include <string>
#include <string_view>

#include "aws/identity.hpp"
#include "core/time.hpp"
#include "net/http.hpp"

namespace aws {

struct SigningScope {
  std::string region;
  std::string service;  // signing name: "cloudformation", "s3" …
  core::SystemTime time;
};

struct SignatureStages {
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;       // lower-case hex
  std::string signed_headers;  // "host;x-amz-date"
};

// Sets X-Amz-Date, X-Amz-Security-Token (with a session token), X-Amz-Content-Sha256 (S3) and Authorization.
// The request must already have its Host and every other header that shall be signed. S3's path is signed as
// it is sent; every other service's path is encoded once more.
SignatureStages sign(net::Request& request, const Identity& identity, const SigningScope& scope);

}  // namespace aws
