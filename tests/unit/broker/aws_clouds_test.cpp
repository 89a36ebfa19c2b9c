// In whose name and where AWS is called for an instance, down to the requests.
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/cloud/aws_cloud.hpp"
#include "testing/manual_clock.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/answered_session.hpp"

namespace broker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* assumed = R"(<AssumeRoleResponse><AssumeRoleResult><Credentials>
  <AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
  <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>)";
constexpr const char* stack = R"(<DescribeStacksResponse><DescribeStacksResult><Stacks><member>
  <StackName>s</StackName></member></Stacks></DescribeStacksResult></DescribeStacksResponse>)";
constexpr const char* caller = R"(<GetCallerIdentityResponse><GetCallerIdentityResult>
  <Arn>arn:aws:iam::222233334444:user/u</Arn><Account>222233334444</Account>
  </GetCallerIdentityResult></GetCallerIdentityResponse>)";

// AWS, which notes what it is asked for: "key@region body".
class Clouds : public testing::Test {
 protected:
  void describe_stack_at(const Placement& placement) {
    asked_.clear();
    const auto found = fakes::run(io_, clouds_.cloud(placement).describe_stack("s"));
    ASSERT_TRUE(found) << found.error().message;
  }

  core::Error refusal_at(const Placement& placement) {
    asked_.clear();
    const auto found = fakes::run(io_, clouds_.cloud(placement).describe_stack("s"));
    EXPECT_FALSE(found);
    return found ? core::Error() : found.error();
  }

  boost::asio::io_context io_{1};
  std::vector<std::string> asked_;

 private:
  // "AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …"
  static std::string signer(std::string_view authorization) {
    constexpr std::string_view before_key = "Credential=";
    const std::string scope(authorization.substr(authorization.find(before_key) + before_key.size()));
    const std::size_t date = scope.find('/') + 1;
    const std::size_t region = scope.find('/', date) + 1;
    return scope.substr(0, date - 1) + "@" + scope.substr(region, scope.find('/', region) - region);
  }
  async::Task<net::Response> answer(const net::Request& request) {
    const bool is_about_role = request.body.contains("Action=AssumeRole");
    asked_.push_back(signer(request.headers.get("Authorization")) + " " + request.body);
    std::string body = is_about_role ? assumed : stack;
    if (request.body.contains("Action=GetCallerIdentity")) body = caller;
    co_return net::Response{.status = 200, .headers = {}, .body = std::move(body)};
  }

  fakes::ManualClock clock_{io_.get_executor()};
  aws::Session session_{
      test::answered_session(io_.get_executor(), clock_, "us-east-1", "AKIABROKER",
                             [this](const net::Request& request) { return answer(request); })};
  AwsClouds clouds_{session_, {{"AKIATENANT", {.secret = "hush", .given_by = "the-override"}}}};
};

TEST_F(Clouds, are_called_in_the_brokers_own_name_where_no_role_is_given) {
  describe_stack_at({});
  EXPECT_THAT(asked_, ElementsAre(testing::StartsWith("AKIABROKER@us-east-1 Action=DescribeStacks")));
  describe_stack_at({.region = "eu-west-1"});
  EXPECT_THAT(asked_, ElementsAre(testing::StartsWith("AKIABROKER@eu-west-1 Action=DescribeStacks")));
}

TEST_F(Clouds, are_called_as_the_role_that_is_taken_once_with_its_external_id) {
  const std::string arn = "arn:aws:iam::111122223333:role/chandlery/billing";
  const Placement placement{.region = "eu-west-1", .role_arn = arn, .external_id = "chandlery-production"};
  describe_stack_at(placement);
  EXPECT_THAT(
      asked_,
      ElementsAre("AKIABROKER@us-east-1 Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A"
                  "111122223333%3Arole%2Fchandlery%2Fbilling&RoleSessionName=aws-servicebroker&ExternalId="
                  "chandlery-production",
                  HasSubstr("ASIAROLE@eu-west-1 Action=DescribeStacks")));
  describe_stack_at(placement);
  EXPECT_THAT(asked_, ElementsAre(HasSubstr("ASIAROLE@eu-west-1 Action=DescribeStacks")));
}

TEST_F(Clouds, are_called_by_the_keys_of_another_account) {
  describe_stack_at({.access_key_id = "AKIATENANT"});
  EXPECT_THAT(asked_, ElementsAre(testing::StartsWith("AKIATENANT@us-east-1 Action=DescribeStacks")));
  describe_stack_at({.region = "eu-west-1", .access_key_id = "AKIATENANT"});
  EXPECT_THAT(asked_, ElementsAre(testing::StartsWith("AKIATENANT@eu-west-1 Action=DescribeStacks")));
  describe_stack_at({.role_arn = "arn:aws:iam::111122223333:role/r", .access_key_id = "AKIATENANT"});
  EXPECT_THAT(asked_, ElementsAre(testing::StartsWith("AKIATENANT@us-east-1 Action=AssumeRole"),
                                  testing::StartsWith("ASIAROLE@us-east-1 Action=DescribeStacks")));
}

TEST_F(Clouds, of_keys_that_are_not_given_any_more_are_not_called) {
  for (const char* role : {"", "arn:aws:iam::111122223333:role/r"}) {
    const core::Error error =
        refusal_at({.role_arn = role, .access_key_id = "AKIAGONE", .lost_keys = "PARAM_OVERRIDE_me_c_n_s3_"});
    EXPECT_EQ(error.kind, core::ErrorKind::internal);
    EXPECT_THAT(error.message, HasSubstr("PARAM_OVERRIDE_me_c_n_s3_aws_access_key"));
    EXPECT_THAT(error.message, testing::Not(HasSubstr("AKIAGONE")));
    EXPECT_TRUE(asked_.empty());
  }
}

TEST_F(Clouds, of_keys_that_took_the_place_of_others_are_called_once_they_are_known_to_be_of_the_account) {
  const auto asks_who = testing::StartsWith("AKIATENANT@us-east-1 Action=GetCallerIdentity");
  const auto asks_for_stack = testing::StartsWith("AKIATENANT@us-east-1 Action=DescribeStacks");
  const Placement same{.access_key_id = "AKIATENANT", .account_of_keys = "222233334444"};
  describe_stack_at(same);
  EXPECT_THAT(asked_, ElementsAre(asks_who, asks_for_stack));
  describe_stack_at(same);
  EXPECT_THAT(asked_, ElementsAre(asks_for_stack));
  const core::Error error = refusal_at({.access_key_id = "AKIATENANT", .account_of_keys = "999999999999"});
  EXPECT_THAT(asked_, ElementsAre(asks_who));
  EXPECT_EQ(error.kind, core::ErrorKind::internal);
  EXPECT_THAT(error.message, HasSubstr("the-override belongs to the account 222233334444"));
}

TEST_F(Clouds, send_no_external_id_where_the_rule_has_none) {
  describe_stack_at({.role_arn = "arn:aws:iam::111122223333:role/r"});
  ASSERT_EQ(asked_.size(), 2U);
  EXPECT_THAT(asked_.front(), HasSubstr("Action=AssumeRole"));
  EXPECT_THAT(asked_.front(), testing::Not(HasSubstr("ExternalId")));
}

}  // namespace
}  // namespace broker
