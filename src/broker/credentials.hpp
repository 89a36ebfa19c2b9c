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
    value,
    access_key_id,  // of the key pair that the stack made; replaced by the binding's own
    secret_access_key,
  };
  enum class Place {
    text,           // `text` is the value
    ssm_parameter,  // `text` names an SSM parameter
    secret,         // `text` is a reference into Secrets Manager (parse_secret_reference)
  };
  std::string key;
  Kind kind = Kind::value;
  Place place = Place::text;
  std::string text;
  std::string output;       // its name
  bool is_literal = false;  // a reference that the template's author has written in full
};

using Outputs = std::vector<std::pair<std::string, std::string>>;
// Outputs named PolicyArn… are left out. A value is a reference only where the template's text says so
// (template_outputs.hpp); what merely resolves to the form of one is a text.
[[nodiscard]] std::vector<CredentialSource> credential_sources(const Template& service,
                                                               const Outputs& outputs);

// A value in Secrets Manager.
struct SecretReference {
  std::string id;        // ARN or name
  std::string json_key;  // "": the whole text is the value
  std::string stage;     // "": AWSCURRENT
};
// "<ARN or name>[:SecretString[:<JSON key>[:<stage>]]]", as CloudFormation's dynamic references have it.
// Error: invalid.
[[nodiscard]] core::Result<SecretReference> parse_secret_reference(std::string_view text);

}  // namespace broker
