// Which host serves a service in a region, and for which region its requests are signed.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "net/url.hpp"

namespace aws {

enum class Service { cloudformation, dynamodb, iam, kms, lambda, s3, secrets_manager, ssm, sts };

[[nodiscard]] std::string_view signing_name(Service service);  // "cloudformation"

struct Endpoint {
  net::Url url;
  std::string signing_region;
  bool overridden =
      false;  // by AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_<SERVICE>: S3 is then addressed path-style
};

using Environment = std::function<std::string(const std::string& name)>;  // "" where unset
[[nodiscard]] std::string process_environment(const std::string& name);

// AWS_ENDPOINT_URL_<SERVICE> wins over AWS_ENDPOINT_URL, unless AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true.
// Errors: invalid (the region is empty or malformed; an endpoint that is no URL).
[[nodiscard]] core::Result<Endpoint> resolve_endpoint(Service service, const std::string& region,
                                                      const Environment& environment);

// "aws", "aws-cn" or "aws-us-gov", by the region's name.
[[nodiscard]] std::string_view partition_of(std::string_view region);

// Every region of the three partitions that we know of, sorted; what the catalog offers as an enum.
[[nodiscard]] std::span<const std::string_view> known_regions();

}  // namespace aws
