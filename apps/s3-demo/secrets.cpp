#include "secrets.hpp"

#include <array>

namespace {

struct Key {
  std::string_view variable;
  std::string Secrets::* member;
  bool required = true;
};

// Ordered so that a value that contains another one (the ARN its bucket's name) is replaced first.
constexpr std::array keys{
    Key{.variable = "S3_AWS_SECRET_ACCESS_KEY", .member = &Secrets::secret_access_key},
    Key{.variable = "S3_AWS_ACCESS_KEY_ID", .member = &Secrets::access_key_id},
    Key{.variable = "BUCKET_ARN", .member = &Secrets::bucket_arn},
    Key{.variable = "LOGGING_BUCKET_NAME", .member = &Secrets::logging_bucket_name, .required = false},
    Key{.variable = "BUCKET_NAME", .member = &Secrets::bucket_name},
    Key{.variable = "S3_REGION", .member = &Secrets::region},
};

void replace_all(std::string& text, std::string_view value, std::string_view replacement) {
  for (std::size_t at = text.find(value); at != std::string::npos;
       at = text.find(value, at + replacement.size())) {
    text.replace(at, value.size(), replacement);
  }
}

}  // namespace

std::string Secrets::redacted(std::string text) const {
  for (const Key& key : keys) {
    if (!(this->*key.member).empty()) replace_all(text, this->*key.member, key.variable);
  }
  return text;
}

std::optional<Secrets> secrets_from(const aws::Environment& environment) {
  Secrets secrets;
  for (const Key& key : keys) {
    std::string value = environment(std::string(key.variable));
    if (value.empty() && key.required) return std::nullopt;
    secrets.*key.member = std::move(value);
  }
  return secrets;
}
