#include "broker/sources/bucket_advice.hpp"

namespace broker {

std::string bucket_advice(const core::Error& error, std::string_view needed) {
  if (error.code == "PermanentRedirect" || error.code == "AuthorizationHeaderMalformed" ||
      error.code == "IllegalLocationConstraintException")
    return "; the bucket is in another region: set it with --s3Region";
  if (error.code == "NoSuchBucket") return "; see --s3Bucket and --s3Region";
  if (error.kind == core::ErrorKind::forbidden) return "; the broker needs " + std::string(needed);
  return "";
}

}  // namespace broker
