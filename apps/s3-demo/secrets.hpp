// The keys of an S3 binding, as a Deployment's secretKeyRef or `svcat exec` puts them into the
// environment.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/endpoints.hpp"

struct Secrets {
  std::string bucket_arn;
  std::string bucket_name;
  std::string logging_bucket_name;  // "" for a bucket without access logs
  std::string access_key_id;
  std::string secret_access_key;
  std::string region;

  // The text with every value in it replaced by its variable's name: what we answer with never tells them.
  [[nodiscard]] std::string redacted(std::string text) const;
};

// nullopt unless all but that of the logging bucket are there.
[[nodiscard]] std::optional<Secrets> secrets_from(const aws::Environment& environment);
