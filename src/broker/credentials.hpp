// Stack outputs → the keys of a binding (broker.md, "Credentials"). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/template.hpp"

namespace broker {

// BucketArn → BUCKET_ARN, S3AwsAccessKeyId → S3_AWS_ACCESS_KEY_ID: an underscore before an upper-case letter
// that follows or precedes a lower-case one, never first or last.
[[nodiscard]] std::string to_screaming_snake_case(std::string_view name);

// One key of the credentials and where its value is.
struct CredentialSource {
  enum class Kind {
    value,          // `text` is the value
    ssm_parameter,  // `text` names an SSM parameter
    access_key_id,  // of the key pair that the stack made; replaced by the binding's own
    secret_access_key,
  };
  std::string key;
  Kind kind = Kind::value;
  std::string text;
  bool from_ssm = false;  // for the two key kinds: `text` names an SSM parameter
};

using Outputs = std::vector<std::pair<std::string, std::string>>;
// Outputs named PolicyArn… are left out.
[[nodiscard]] std::vector<CredentialSource> credential_sources(const Template& service,
                                                               const Outputs& outputs);

}  // namespace broker
