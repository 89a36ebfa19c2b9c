#include "aws/endpoints.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace aws {

namespace {

constexpr std::array<std::string_view, 38> regions{
    "af-south-1",     "ap-east-1",      "ap-east-2",      "ap-northeast-1", "ap-northeast-2",
    "ap-northeast-3", "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2",
    "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
    "ca-central-1",   "ca-west-1",      "cn-north-1",     "cn-northwest-1", "eu-central-1",
    "eu-central-2",   "eu-north-1",     "eu-south-1",     "eu-south-2",     "eu-west-1",
    "eu-west-2",      "eu-west-3",      "il-central-1",   "me-central-1",   "me-south-1",
    "mx-central-1",   "sa-east-1",      "us-east-1",      "us-east-2",      "us-gov-east-1",
    "us-gov-west-1",  "us-west-1",      "us-west-2"};

std::string environment_suffix(Service service) {
  if (service == Service::secrets_manager) return "SECRETS_MANAGER";
  std::string name(signing_name(service));
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

std::string_view domain_of(std::string_view partition) {
  return partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
}

// IAM is global: one endpoint and one signing region a partition.
std::string iam_region(std::string_view partition) {
  if (partition == "aws-cn") return "cn-north-1";
  if (partition == "aws-us-gov") return "us-gov-west-1";
  return "us-east-1";
}

std::string host_of(Service service, const std::string& region, std::string_view partition) {
  if (service != Service::iam) {
    return std::string(signing_name(service)) + "." + region + "." + std::string(domain_of(partition));
  }
  if (partition == "aws-cn") return "iam.cn-north-1.amazonaws.com.cn";
  if (partition == "aws-us-gov") return "iam.us-gov.amazonaws.com";
  return "iam.amazonaws.com";
}

bool is_region_name(std::string_view region) {
  return !region.empty() && region.size() <= 32 && std::ranges::all_of(region, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string configured_url(Service service, const Environment& environment) {
  if (environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == "true") return {};
  std::string url = environment("AWS_ENDPOINT_URL_" + environment_suffix(service));
  return url.empty() ? environment("AWS_ENDPOINT_URL") : url;
}

}  // namespace

std::string_view signing_name(Service service) {
  switch (service) {
    case Service::cloudformation:
      return "cloudformation";
    case Service::dynamodb:
      return "dynamodb";
    case Service::iam:
      return "iam";
    case Service::kms:
      return "kms";
    case Service::lambda:
      return "lambda";
    case Service::s3:
      return "s3";
    case Service::secrets_manager:
      return "secretsmanager";
    case Service::ssm:
      return "ssm";
    case Service::sts:
      return "sts";
  }
  return "";
}

std::string process_environment(const std::string& name) {
  const char* value =
      std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nothing of ours sets the environment
  return value != nullptr ? value : "";
}

std::string_view partition_of(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

std::span<const std::string_view> known_regions() {
  return regions;
}

core::Result<Endpoint> resolve_endpoint(Service service, const std::string& region,
                                        const Environment& environment) {
  if (region.empty()) {
    return core::fail(core::ErrorKind::invalid,
                      "no AWS region is set: use --region, or set AWS_REGION in the environment");
  }
  if (!is_region_name(region))
    return core::fail(core::ErrorKind::invalid, "\"" + region + "\" is not the name of an AWS region");
  const std::string_view partition = partition_of(region);
  const std::string signing_region = service == Service::iam ? iam_region(partition) : region;
  const std::string configured = configured_url(service, environment);
  if (configured.empty()) {
    const std::string host = host_of(service, region, partition);
    return Endpoint{.url = {.scheme = "https", .host = host, .port = 443}, .signing_region = signing_region};
  }
  auto url = net::Url::parse(configured);
  if (!url) return core::fail(url.error().with_context("AWS_ENDPOINT_URL (or that of the service)"));
  return Endpoint{.url = std::move(*url), .signing_region = signing_region, .overridden = true};
}

}  // namespace aws
