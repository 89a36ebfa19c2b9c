// Endpoints, errors, retries: pure decisions.
#include <algorithm>

#include <gtest/gtest.h>

#include "aws/endpoints.hpp"
#include "aws/errors.hpp"
#include "aws/retries.hpp"

namespace aws {
namespace {

std::string nothing(const std::string&) {
  return {};
}

TEST(Endpoints, are_the_partitions_own) {
  // Compared with botocore's endpoint data.
  const struct {
    Service service;
    const char *region, *url, *signing_region;
  } rows[] = {
      {Service::cloudformation, "us-east-1", "https://cloudformation.us-east-1.amazonaws.com", "us-east-1"},
      {Service::cloudformation, "cn-north-1", "https://cloudformation.cn-north-1.amazonaws.com.cn",
       "cn-north-1"},
      {Service::cloudformation, "us-gov-west-1", "https://cloudformation.us-gov-west-1.amazonaws.com",
       "us-gov-west-1"},
      {Service::dynamodb, "eu-central-1", "https://dynamodb.eu-central-1.amazonaws.com", "eu-central-1"},
      {Service::s3, "eu-central-1", "https://s3.eu-central-1.amazonaws.com", "eu-central-1"},
      {Service::iam, "eu-central-1", "https://iam.amazonaws.com", "us-east-1"},
      {Service::iam, "cn-northwest-1", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
      {Service::iam, "us-gov-east-1", "https://iam.us-gov.amazonaws.com", "us-gov-west-1"},
      {Service::sts, "ap-south-1", "https://sts.ap-south-1.amazonaws.com", "ap-south-1"},
      {Service::lambda, "us-west-2", "https://lambda.us-west-2.amazonaws.com", "us-west-2"},
      {Service::ssm, "us-west-2", "https://ssm.us-west-2.amazonaws.com", "us-west-2"},
  };
  for (const auto& row : rows) {
    const auto endpoint = resolve_endpoint(row.service, row.region, nothing);
    ASSERT_TRUE(endpoint) << endpoint.error().message;
    EXPECT_EQ(endpoint->url.to_string(), row.url);
    EXPECT_EQ(endpoint->signing_region, row.signing_region) << row.url;
    EXPECT_FALSE(endpoint->overridden);
  }
}

TEST(Endpoints, can_be_given_by_the_environment) {
  const Environment both = [](const std::string& name) -> std::string {
    if (name == "AWS_ENDPOINT_URL") return "http://127.0.0.1:4566";
    return name == "AWS_ENDPOINT_URL_S3" ? "http://127.0.0.1:9000" : "";
  };
  EXPECT_EQ(resolve_endpoint(Service::iam, "us-east-1", both)->url.to_string(), "http://127.0.0.1:4566");
  EXPECT_EQ(resolve_endpoint(Service::s3, "us-east-1", both)->url.to_string(), "http://127.0.0.1:9000");
  EXPECT_TRUE(resolve_endpoint(Service::s3, "us-east-1", both)->overridden);
  const Environment ignored = [&both](const std::string& name) -> std::string {
    return name == "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" ? "true" : both(name);
  };
  EXPECT_EQ(resolve_endpoint(Service::sts, "us-east-1", ignored)->url.to_string(),
            "https://sts.us-east-1.amazonaws.com");
  const Environment broken = [](const std::string& name) {
    return name == "AWS_ENDPOINT_URL" ? std::string("nowhere") : std::string();
  };
  const auto refused = resolve_endpoint(Service::sts, "us-east-1", broken);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains("AWS_ENDPOINT_URL")) << refused.error().message;
}

TEST(Endpoints, need_a_region) {
  for (const char* region : {"", "us east", "us-east-1.evil.com", "../x"})
    EXPECT_FALSE(resolve_endpoint(Service::s3, region, nothing)) << region;
}

TEST(Partitions, follow_from_the_region) {
  EXPECT_EQ(partition_of("eu-west-1"), "aws");
  EXPECT_EQ(partition_of("cn-north-1"), "aws-cn");
  EXPECT_EQ(partition_of("us-gov-east-1"), "aws-us-gov");
  EXPECT_TRUE(std::ranges::is_sorted(known_regions()));
  EXPECT_NE(std::ranges::find(known_regions(), "eu-central-1"), known_regions().end());
}

TEST(Errors, are_read_from_every_protocol) {
  const struct {
    const char* body;
    int status;
    core::ErrorKind kind;
    const char *code, *message;
  } rows[] = {
      {"<ErrorResponse><Error><Type>Sender</Type><Code>AlreadyExistsException</Code><Message>Stack [a] "
       "already exists</Message></Error></ErrorResponse>",
       400, core::ErrorKind::already_exists, "AlreadyExistsException", "Stack [a] already exists"},
      {"<?xml version=\"1.0\"?><Error><Code>NoSuchBucket</Code><Message>The specified bucket does not "
       "exist</Message></Error>",
       404, core::ErrorKind::not_found, "NoSuchBucket", "The specified bucket does not exist"},
      {R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed"})",
       400, core::ErrorKind::conflict, "ConditionalCheckFailedException", "The conditional request failed"},
      {R"({"__type":"ThrottlingException","message":"Rate exceeded"})", 400, core::ErrorKind::throttled,
       "ThrottlingException", "Rate exceeded"},
      {"<ErrorResponse><Error><Code>Throttling</Code><Message>Rate "
       "exceeded</Message></Error></ErrorResponse>",
       400, core::ErrorKind::throttled, "Throttling", "Rate exceeded"},
      {"<ErrorResponse><Error><Code>ConcurrentModification</Code><Message>Wait a few minutes and submit your "
       "request again.</Message></Error></ErrorResponse>",
       409, core::ErrorKind::unavailable, "ConcurrentModification", "Wait a few minutes"},
      {"<html>bad gateway</html>", 502, core::ErrorKind::unavailable, "", ""},
      {"", 503, core::ErrorKind::unavailable, "", ""},
      {"{", 500, core::ErrorKind::unavailable, "", ""},
  };
  for (const auto& row : rows) {
    const core::Error error = error_of({.status = row.status, .headers = {}, .body = row.body}, "POST");
    EXPECT_EQ(error.kind, row.kind) << row.body << ": " << error.message;
    EXPECT_EQ(error.http_status, row.status);
    if (*row.code != '\0') EXPECT_EQ(error.code, row.code);
    EXPECT_TRUE(error.message.contains(row.message)) << error.message;
  }
}

TEST(Errors, of_what_is_not_aws_say_nothing_of_what_is_there) {
  for (const int status : {400, 403, 404, 409, 410, 422, 500}) {
    for (const char* body : {"", "404 page not found", "<html><body>Forbidden</body></html>", "{}", "{\"a"}) {
      const core::Error error = error_of({.status = status, .headers = {}, .body = body}, "POST");
      EXPECT_EQ(error.kind, core::ErrorKind::unavailable) << status << " " << body;
    }
  }
  // HEAD has no body to look into.
  EXPECT_EQ(error_of({.status = 404, .headers = {}, .body = {}}, "HEAD").kind, core::ErrorKind::not_found);
  EXPECT_EQ(error_of({.status = 403, .headers = {}, .body = {}}, "HEAD").kind, core::ErrorKind::forbidden);
}

TEST(Retries, happen_only_where_they_can_help) {
  using core::ErrorKind;
  const RetryPolicy policy;
  for (const ErrorKind kind : {ErrorKind::throttled, ErrorKind::unavailable, ErrorKind::timeout})
    EXPECT_TRUE(next_retry(policy, 1, {.kind = kind}, 0.5));
  for (const ErrorKind kind :
       {ErrorKind::invalid, ErrorKind::forbidden, ErrorKind::not_found, ErrorKind::conflict})
    EXPECT_FALSE(next_retry(policy, 1, {.kind = kind}, 0.5));
  EXPECT_FALSE(next_retry(policy, policy.max_attempts, {.kind = ErrorKind::throttled}, 0.5));
}

TEST(Retries, wait_longer_each_time_and_longer_where_throttled) {
  RetryPolicy policy;
  policy.max_attempts = 30;
  const core::Error down{.kind = core::ErrorKind::unavailable};
  const core::Error throttled{.kind = core::ErrorKind::throttled};
  for (int attempt = 1; attempt < 20; ++attempt) {
    const auto most = *next_retry(policy, attempt, down, 0.999999);
    EXPECT_LE(most, policy.maximum);
    EXPECT_EQ(next_retry(policy, attempt, down, 0.0)->count(), 0);
    EXPECT_GE(*next_retry(policy, attempt + 1, down, 0.999999), most);
    EXPECT_GE(*next_retry(policy, attempt, throttled, 0.999999), most);
  }
}

TEST(Retries, of_a_call_that_would_make_another_wait_for_an_answer_that_it_was_not_done) {
  using core::ErrorKind;
  const RetryPolicy policy;
  for (const ErrorKind kind : {ErrorKind::timeout, ErrorKind::unavailable})
    EXPECT_FALSE(next_retry(policy, 1, {.kind = kind}, 0.5, Repetition::makes_another));
  EXPECT_TRUE(next_retry(policy, 1, {.kind = ErrorKind::throttled}, 0.5, Repetition::makes_another));
}

TEST(RetryBudget, runs_out_in_an_outage_and_comes_back) {
  RetryBudget budget;
  int taken = 0;
  while (budget.take(false)) ++taken;
  EXPECT_EQ(taken, 100);
  for (int i = 0; i < 5; ++i) budget.give_back_after_success();
  EXPECT_TRUE(budget.take(false));
}

}  // namespace
}  // namespace aws
