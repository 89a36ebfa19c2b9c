// Stack outputs → the keys of a binding's credentials.
#include "broker/credentials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using testing::ElementsAre;
using Kind = CredentialSource::Kind;

TEST(ScreamingSnakeCase, is_that_of_the_go_broker) {
  const struct {
    const char *name, *key;
  } table[] = {
      {"BucketArn", "BUCKET_ARN"},
      {"S3AwsAccessKeyId", "S3_AWS_ACCESS_KEY_ID"},
      {"S3AwsSecretAccessKey", "S3_AWS_SECRET_ACCESS_KEY"},
      {"S3Region", "S3_REGION"},
      {"LoggingBucketName", "LOGGING_BUCKET_NAME"},
      {"QueueARN", "QUEUE_ARN"},
      {"DeadLetterQueueURL", "DEAD_LETTER_QUEUE_URL"},
      {"URLOfQueue", "URL_OF_QUEUE"},
      {"EndpointA", "ENDPOINTA"},
      {"portB2", "PORT_B2"},
      {"already_SNAKE", "ALREADY_SNAKE"},
      {"A", "A"},
      {"ab", "AB"},
      {"aB", "AB"},
      {"", ""},
  };
  for (const auto& each : table) EXPECT_EQ(to_screaming_snake_case(each.name), each.key) << each.name;
}

struct Expected {
  std::string key;
  Kind kind = Kind::value;
  std::string text;
  bool from_ssm = false;
};

void expect_sources(const Template& service, const Outputs& outputs, const std::vector<Expected>& expected) {
  const auto sources = credential_sources(service, outputs);
  ASSERT_EQ(sources.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    SCOPED_TRACE(expected[i].key);
    EXPECT_EQ(sources[i].key, expected[i].key);
    EXPECT_EQ(sources[i].kind, expected[i].kind);
    EXPECT_EQ(sources[i].text, expected[i].text);
    EXPECT_EQ(sources[i].from_ssm, expected[i].from_ssm);
  }
}

TEST(Credentials, have_a_key_for_each_output_but_policies) {
  expect_sources(
      {.name = "s3"},
      {{"BucketName", "b"}, {"PolicyArn", "p"}, {"PolicyArnRead", "r"}, {"MyPolicyArn", "m"}, {"Empty", ""}},
      {{.key = "BUCKET_NAME", .text = "b"},
       {.key = "MY_POLICY_ARN", .text = "m"},
       {.key = "EMPTY", .text = ""}});
}

TEST(Credentials, keep_the_outputs_names_where_the_template_says_so) {
  const Outputs outputs{{"BucketName", "b"}, {"PolicyArnRead", "r"}};
  expect_sources({.name = "s3", .outputs_as_is = true}, outputs, {{.key = "BucketName", .text = "b"}});
}

TEST(Credentials, name_the_ssm_parameter_that_a_value_is_read_from) {
  expect_sources({.name = "s3"}, {{"Password", "ssm:/a/b"}, {"Note", "see ssm:/a/b"}},
                 {{.key = "PASSWORD", .kind = Kind::ssm_parameter, .text = "/a/b", .from_ssm = true},
                  {.key = "NOTE", .text = "see ssm:/a/b"}});
}

TEST(Credentials, of_older_templates_have_the_class_before_the_users_key) {
  const Outputs outputs{{"UserKeyId", "/asb/id"}, {"UserSecretKey", "/asb/secret"}};
  const std::vector<Expected> expected{
      {.key = "DYNAMODB_USER_KEY_ID", .kind = Kind::access_key_id, .text = "/asb/id", .from_ssm = true},
      {.key = "DYNAMODB_USER_SECRET_KEY",
       .kind = Kind::secret_access_key,
       .text = "/asb/secret",
       .from_ssm = true}};
  expect_sources({.name = "dynamodb"}, outputs, expected);
  expect_sources({.name = "dynamodb", .has_injected_user = true}, outputs, expected);
}

TEST(Credentials, hold_the_bindings_own_key_pair_where_the_template_makes_a_user) {
  const Outputs outputs{{"S3AwsAccessKeyId", "ssm:/x/id"}, {"S3AwsSecretAccessKey", "AKIA"}};
  expect_sources(
      {.name = "s3", .has_injected_user = true}, outputs,
      {{.key = "S3_AWS_ACCESS_KEY_ID", .kind = Kind::access_key_id, .text = "/x/id", .from_ssm = true},
       {.key = "S3_AWS_SECRET_ACCESS_KEY", .kind = Kind::secret_access_key, .text = "AKIA"}});
  expect_sources(
      {.name = "s3"}, outputs,
      {{.key = "S3_AWS_ACCESS_KEY_ID", .kind = Kind::ssm_parameter, .text = "/x/id", .from_ssm = true},
       {.key = "S3_AWS_SECRET_ACCESS_KEY", .text = "AKIA"}});
}

}  // namespace
}  // namespace broker
