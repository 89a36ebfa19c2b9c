// Stack outputs → the keys of a binding's credentials.
#include "broker/credentials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using testing::ElementsAre;
using Kind = CredentialSource::Kind;
using Place = CredentialSource::Place;

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

// A template whose text says that these outputs are references.
Template with_references(std::string name, bool has_injected_user, const std::vector<std::string>& outputs) {
  Template service{.name = std::move(name), .has_injected_user = has_injected_user};
  for (const std::string& each : outputs)
    service.outputs.push_back({.name = each, .names_ssm_parameter = true, .names_secret = true});
  return service;
}

struct Expected {
  std::string key;
  Kind kind = Kind::value;
  Place place = Place::text;
  std::string text;
};

void expect_sources(const Template& service, const Outputs& outputs, const std::vector<Expected>& expected) {
  const auto sources = credential_sources(service, outputs);
  ASSERT_EQ(sources.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    SCOPED_TRACE(expected[i].key);
    EXPECT_EQ(sources[i].key, expected[i].key);
    EXPECT_EQ(sources[i].kind, expected[i].kind);
    EXPECT_EQ(sources[i].text, expected[i].text);
    EXPECT_EQ(sources[i].place, expected[i].place);
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
  expect_sources(with_references("s3", false, {"Password", "Note"}),
                 {{"Password", "ssm:/a/b"}, {"Note", "see ssm:/a/b"}},
                 {{.key = "PASSWORD", .place = Place::ssm_parameter, .text = "/a/b"},
                  {.key = "NOTE", .text = "see ssm:/a/b"}});
}

TEST(Credentials, name_the_secret_that_a_value_is_read_from) {
  expect_sources(with_references("rdsmysql", false, {"Password"}),
                 {{"Password", "secretsmanager:db:SecretString:password"}},
                 {{.key = "PASSWORD", .place = Place::secret, .text = "db:SecretString:password"}});
}

TEST(Credentials, are_texts_where_only_the_value_looks_like_a_reference) {
  expect_sources({.name = "polly"}, {{"Prefix", "ssm:/asb/x/id"}, {"Zone", "secretsmanager:db"}},
                 {{.key = "PREFIX", .text = "ssm:/asb/x/id"}, {.key = "ZONE", .text = "secretsmanager:db"}});
}

TEST(SecretReference, is_written_as_in_cloudformation) {
  const std::string arn = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:db/a-AbCdEf";
  const struct {
    std::string text, id, json_key, stage;
  } table[] = {
      {"db", "db", "", ""},
      {"db:SecretString", "db", "", ""},
      {"db:SecretString:", "db", "", ""},
      {"db:SecretString:password", "db", "password", ""},
      {"db:SecretString:password:AWSPREVIOUS", "db", "password", "AWSPREVIOUS"},
      {"db:SecretString::AWSPREVIOUS", "db", "", "AWSPREVIOUS"},
      {arn, arn, "", ""},
      {arn + ":SecretString:password", arn, "password", ""},
  };
  for (const auto& each : table) {
    const auto reference = parse_secret_reference(each.text);
    ASSERT_TRUE(reference) << each.text;
    EXPECT_EQ(reference->id, each.id) << each.text;
    EXPECT_EQ(reference->json_key, each.json_key) << each.text;
    EXPECT_EQ(reference->stage, each.stage) << each.text;
  }
}

TEST(SecretReference, is_refused_where_it_is_none) {
  for (const char* text :
       {"", ":SecretString", "db:SecretBinary", "db:SecretString:a:b:c", "arn:aws:secretsmanager"})
    EXPECT_FALSE(parse_secret_reference(text)) << text;
}

TEST(Credentials, of_older_templates_have_the_class_before_the_users_key) {
  const Outputs outputs{{"UserKeyId", "/asb/id"}, {"UserSecretKey", "/asb/secret"}};
  const std::vector<Expected> expected{{.key = "DYNAMODB_USER_KEY_ID",
                                        .kind = Kind::access_key_id,
                                        .place = Place::ssm_parameter,
                                        .text = "/asb/id"},
                                       {.key = "DYNAMODB_USER_SECRET_KEY",
                                        .kind = Kind::secret_access_key,
                                        .place = Place::ssm_parameter,
                                        .text = "/asb/secret"}};
  expect_sources({.name = "dynamodb"}, outputs, expected);
  expect_sources({.name = "dynamodb", .has_injected_user = true}, outputs, expected);
}

TEST(Credentials, hold_the_bindings_own_key_pair_where_the_template_makes_a_user) {
  const Outputs outputs{{"S3AwsAccessKeyId", "ssm:/x/id"}, {"S3AwsSecretAccessKey", "AKIA"}};
  expect_sources(with_references("s3", true, {"S3AwsAccessKeyId"}), outputs,
                 {{.key = "S3_AWS_ACCESS_KEY_ID",
                   .kind = Kind::access_key_id,
                   .place = Place::ssm_parameter,
                   .text = "/x/id"},
                  {.key = "S3_AWS_SECRET_ACCESS_KEY", .kind = Kind::secret_access_key, .text = "AKIA"}});
  expect_sources(with_references("s3", false, {"S3AwsAccessKeyId"}), outputs,
                 {{.key = "S3_AWS_ACCESS_KEY_ID", .place = Place::ssm_parameter, .text = "/x/id"},
                  {.key = "S3_AWS_SECRET_ACCESS_KEY", .text = "AKIA"}});
}

}  // namespace
}  // namespace broker
