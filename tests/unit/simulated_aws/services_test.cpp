// IAM, DynamoDB, SSM, Secrets Manager, Lambda, STS, S3 and KMS as the broker's clients meet them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/simulated_aws/world.hpp"

namespace simulation::test {
namespace {

namespace json = boost::json;

using core::ErrorKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class AccountServices : public testing::Test {
 protected:
  AccountWorld world;
  ~AccountServices() override { EXPECT_THAT(world.account.journal().violations, IsEmpty()); }

  template <class T>
  std::string code_of(async::Task<core::Result<T>> task) {
    const auto result = world.run(std::move(task));
    return result ? "ok" : result.error().code;
  }
};

TEST_F(AccountServices, UsersHaveAtMostTwoKeysAndAreEmptyBeforeTheyGo) {
  aws::Iam& iam = world.iam;
  EXPECT_EQ(code_of(iam.create_user("u", "/p/", {{"a", "b"}})), "ok");
  EXPECT_EQ(code_of(iam.create_user("u", "/p/", {})), "EntityAlreadyExists");
  EXPECT_EQ(code_of(iam.create_access_key("nobody")), "NoSuchEntity");
  const auto key = world.run(iam.create_access_key("u"));
  ASSERT_TRUE(key);
  EXPECT_EQ(world.account.opens(key->id, key->secret), "u");
  EXPECT_EQ(world.account.opens(key->id, "wrong"), std::nullopt);
  EXPECT_EQ(code_of(iam.create_access_key("u")), "ok");
  EXPECT_EQ(code_of(iam.create_access_key("u")), "LimitExceeded");
  EXPECT_EQ(code_of(iam.put_user_policy("u", "p", R"({"Statement": [{"Effect": "Allow"}]})")), "ok");
  EXPECT_EQ(code_of(iam.put_user_policy("u", "q", "no json")), "MalformedPolicyDocument");
  EXPECT_EQ(code_of(iam.put_user_policy("u", "q", R"({"Statement": []})")), "MalformedPolicyDocument");
  EXPECT_EQ(*world.run(iam.get_user_policy("u", "p")), R"({"Statement": [{"Effect": "Allow"}]})");
  EXPECT_THAT(*world.run(iam.list_user_tags("u")), ElementsAre(Pair("a", "b")));
  EXPECT_EQ(code_of(iam.delete_user("u")), "DeleteConflict");
  for (const std::string& id : *world.run(iam.list_access_keys("u")))
    EXPECT_EQ(code_of(iam.delete_access_key("u", id)), "ok");
  EXPECT_EQ(world.account.opens(key->id, key->secret), std::nullopt);
  EXPECT_EQ(code_of(iam.delete_user("u")), "DeleteConflict");
  EXPECT_EQ(code_of(iam.delete_user_policy("u", "p")), "ok");
  EXPECT_EQ(code_of(iam.delete_user_policy("u", "p")), "NoSuchEntity");
  EXPECT_EQ(code_of(iam.attach_user_policy("u", "arn:aws:iam::123456789012:policy/none")), "NoSuchEntity");
  EXPECT_EQ(code_of(iam.attach_user_policy("u", "arn:aws:iam::aws:policy/ReadOnlyAccess")), "ok");
  EXPECT_THAT(*world.run(iam.list_attached_user_policies("u")), SizeIs(1));
  EXPECT_EQ(code_of(iam.delete_user("u")), "DeleteConflict");
  EXPECT_EQ(code_of(iam.detach_user_policy("u", "arn:aws:iam::aws:policy/ReadOnlyAccess")), "ok");
  EXPECT_EQ(code_of(iam.delete_user("u")), "ok");
  EXPECT_EQ(code_of(iam.delete_user("u")), "NoSuchEntity");
}

TEST_F(AccountServices, ANewUserIsNotSeenAtOnce) {
  world.account.settings().iam_delay = std::chrono::seconds(30);
  ASSERT_EQ(code_of(world.iam.create_user("u", "/", {})), "ok");
  EXPECT_EQ(code_of(world.iam.list_user_tags("u")), "NoSuchEntity");
  EXPECT_EQ(code_of(world.iam.create_user("u", "/", {})), "EntityAlreadyExists");
  world.pass(std::chrono::seconds(31));
  EXPECT_EQ(code_of(world.iam.list_user_tags("u")), "ok");
  ASSERT_EQ(code_of(world.iam.delete_user("u")), "ok");
  EXPECT_EQ(code_of(world.iam.create_user("u", "/", {})), "EntityTemporarilyUnmodifiable");
  world.pass(std::chrono::seconds(31));
  EXPECT_EQ(code_of(world.iam.create_user("u", "/", {})), "ok");
}

TEST_F(AccountServices, RolesHavePoliciesAttached) {
  world.account.add_role("r");
  const std::string policy = *world.account.iam().create_policy("p", "/", "{}");
  EXPECT_EQ(code_of(world.iam.attach_role_policy("none", policy)), "NoSuchEntity");
  EXPECT_EQ(code_of(world.iam.attach_role_policy("r", policy)), "ok");
  EXPECT_EQ(code_of(world.iam.attach_role_policy("r", policy)), "ok");
  EXPECT_EQ(code_of(world.iam.detach_role_policy("r", policy)), "ok");
  EXPECT_EQ(code_of(world.iam.detach_role_policy("r", policy)), "NoSuchEntity");
}

aws::Item item(const std::string& id, const std::string& type, int version) {
  return {{"id", {{"S", id}}},
          {"userid", {{"S", "u"}}},
          {"type", {{"S", type}}},
          {"version", {{"N", std::to_string(version)}}}};
}
aws::Item key(const std::string& id) {
  return {{"id", {{"S", id}}}, {"userid", {{"S", "u"}}}};
}
aws::Condition condition(std::string expression, json::object values = {}, json::object names = {}) {
  return {.expression = std::move(expression), .names = std::move(names), .values = std::move(values)};
}

class Tables : public AccountServices {
 protected:
  Tables() {
    (void)world.account.tables().create(
        {.name = "t",
         .hash = "id",
         .range = "userid",
         .indexes = {{.name = "type-userid-index", .hash = "type", .range = "userid"}}});
  }
  std::vector<std::string> all(const std::string& type) {
    std::vector<std::string> ids;
    aws::Item start;
    do {
      auto page = world.run(world.dynamodb.query(
          "t", "type-userid-index",
          condition("#type = :type AND userid = :u", {{":type", {{"S", type}}}, {":u", {{"S", "u"}}}},
                    {{"#type", "type"}}),
          start));
      if (!page) return {page.error().message};
      for (const aws::Item& each : page->items) ids.emplace_back(aws::string_of(each, {"id"}));
      start = page->next;
    } while (!start.empty());
    return ids;
  }
};

TEST_F(Tables, WritesAreConditional) {
  aws::DynamoDb& db = world.dynamodb;
  EXPECT_EQ(code_of(db.put_item("t", item("a", "x", 1), condition("attribute_not_exists(version)"))), "ok");
  EXPECT_EQ(code_of(db.put_item("t", item("a", "x", 1), condition("attribute_not_exists(version)"))),
            "ConditionalCheckFailedException");
  const json::object one{{":version", {{"N", "1"}}}};
  EXPECT_EQ(code_of(db.put_item("t", item("a", "x", 2), condition("version = :version", one))), "ok");
  EXPECT_EQ(code_of(db.delete_item("t", key("a"), condition("version = :version", one))),
            "ConditionalCheckFailedException");
  EXPECT_EQ(code_of(db.delete_item("none", key("a"), {})), "ResourceNotFoundException");
  EXPECT_EQ(code_of(db.put_item("t", {{"id", {{"S", "a"}}}}, {})), "ValidationException");
  EXPECT_EQ(code_of(db.update_item("t", key("a"), "SET n = if_not_exists(n, :zero) + :one REMOVE version",
                                   condition("", {{":one", {{"N", "1"}}}, {":zero", {{"N", "0"}}}}))),
            "ok");
  const auto read = world.run(db.get_item("t", key("a")));
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(core::find_string(**read, {"n", "N"}), "1");
  EXPECT_FALSE((*read)->contains("version"));
  EXPECT_EQ(*world.run(db.get_item("t", key("none"))), std::nullopt);
}

TEST_F(Tables, AnIndexShowsWritesLateAndInPages) {
  world.account.settings().most_items_of_page = 2;
  world.account.settings().index_delay = std::chrono::seconds(5);
  for (const char* id : {"a", "b", "c", "d"})
    ASSERT_EQ(code_of(world.dynamodb.put_item("t", item(id, "x", 1), {})), "ok");
  EXPECT_THAT(all("x"), SizeIs(testing::Lt(4U)));
  world.pass(std::chrono::seconds(6));
  EXPECT_THAT(all("x"), ElementsAre("a", "b", "c", "d"));
  ASSERT_EQ(code_of(world.dynamodb.delete_item("t", key("b"), {})), "ok");
  ASSERT_EQ(code_of(world.dynamodb.put_item("t", item("c", "y", 2), {})), "ok");
  world.pass(std::chrono::seconds(6));
  EXPECT_THAT(all("x"), ElementsAre("a", "d"));
  EXPECT_THAT(all("y"), ElementsAre("c"));
}

TEST_F(Tables, AScanReadsAllPages) {
  for (const char* id : {"a", "b", "c"})
    ASSERT_EQ(code_of(world.dynamodb.put_item("t", item(id, "x", id[0] - 'a'), {})), "ok");
  net::Request request{.method = "POST", .target = "/"};
  request.headers.set("X-Amz-Target", "DynamoDB_20120810.Scan");
  json::object input{{"TableName", "t"},
                     {"Limit", 2},
                     {"FilterExpression", "version > :zero"},
                     {"ExpressionAttributeValues", {{":zero", {{"N", "0"}}}}}};
  std::vector<std::string> ids;
  for (int pages = 0; pages < 3; ++pages) {
    request.body = core::to_text(input);
    const auto reply = world.run(world.session.call(aws::Service::dynamodb, "Scan", request));
    ASSERT_TRUE(reply) << reply.error().message;
    const json::value answer = *core::parse_json(reply->body);
    for (const json::value& each : *core::find_array(answer, {"Items"}))
      ids.emplace_back(core::find_string(each, {"id", "S"}));
    const json::object* next = core::find_object(answer, {"LastEvaluatedKey"});
    if (next == nullptr) break;
    input["ExclusiveStartKey"] = *next;
  }
  EXPECT_THAT(ids, ElementsAre("b", "c"));
}

TEST_F(Tables, BatchesAnswerAPart) {
  world.account.settings().most_items_of_batch = 1;
  for (const char* id : {"a", "b", "c"})
    ASSERT_EQ(code_of(world.dynamodb.put_item("t", item(id, "x", 1), {})), "ok");
  EXPECT_THAT(*world.run(world.dynamodb.batch_get_items("t", {key("a"), key("b"), key("c"), key("d")})),
              SizeIs(3));
}

TEST_F(Tables, ABackupForgetsWhatCameAfterIt) {
  ASSERT_EQ(code_of(world.dynamodb.put_item("t", item("a", "x", 1), {})), "ok");
  const auto backup = world.account.tables().snapshot();
  ASSERT_EQ(code_of(world.dynamodb.put_item("t", item("b", "x", 1), {})), "ok");
  world.account.tables().restore(backup);
  EXPECT_THAT(all("x"), ElementsAre("a"));
  const auto described = world.run(world.dynamodb.describe_table("t"));
  ASSERT_TRUE(described);
  EXPECT_EQ(described->hash_key, "id");
  EXPECT_THAT(described->indexes, ElementsAre("type-userid-index"));
}

TEST_F(AccountServices, ParametersHaveVersionsAndLabels) {
  EXPECT_EQ(code_of(world.ssm.get_parameter("/p")), "ParameterNotFound");
  EXPECT_EQ(code_of(world.ssm.put_secure_parameter("/p", "one")), "ok");
  EXPECT_EQ(code_of(world.ssm.put_secure_parameter("/p", "two")), "ok");
  EXPECT_EQ(*world.run(world.ssm.get_parameter("/p")), "two");
  EXPECT_EQ(*world.run(world.ssm.get_parameter("/p:1")), "one");
  EXPECT_EQ(code_of(world.ssm.get_parameter("/p:3")), "ParameterVersionNotFound");
  EXPECT_EQ(code_of(world.ssm.delete_parameter("/p")), "ok");
  EXPECT_EQ(code_of(world.ssm.delete_parameter("/p")), "ParameterNotFound");
}

TEST_F(AccountServices, SecretsHaveStagesAndAreDeletedLater) {
  Secret* secret = *world.account.secrets().create("s", "one", {{"k", "v"}});
  world.account.secrets().put(*secret, "two");
  EXPECT_EQ(*world.run(world.secrets.get_secret_value("s", "")), "two");
  EXPECT_EQ(*world.run(world.secrets.get_secret_value(secret->arn, "AWSPREVIOUS")), "one");
  EXPECT_EQ(code_of(world.secrets.get_secret_value("s", "OTHER")), "ResourceNotFoundException");
  EXPECT_EQ(code_of(world.secrets.get_secret_value("none", "")), "ResourceNotFoundException");
  EXPECT_THAT(world.run(world.secrets.describe_secret("s"))->tags, ElementsAre(Pair("k", "v")));
  secret->deletion = secret->versions.begin()->second.made + std::chrono::days(7);
  EXPECT_EQ(code_of(world.secrets.get_secret_value("s", "")), "InvalidRequestException");
  world.pass(std::chrono::hours(24 * 8));
  EXPECT_EQ(code_of(world.secrets.get_secret_value("s", "")), "ResourceNotFoundException");
}

TEST_F(AccountServices, FunctionsAnswerOrFail) {
  EXPECT_EQ(code_of(world.lambda.invoke("f", "{}")), "ResourceNotFoundException");
  LambdaFunction* function = *world.account.functions().create("f");
  EXPECT_EQ(*world.run(world.lambda.invoke(function->arn, R"({"A":"b"})")), R"({"Function":"f","A":"b"})");
  function->code = [](const std::string&) {
    return FunctionAnswer{.payload = R"({"errorMessage":"broken"})", .has_failed = true};
  };
  EXPECT_THAT(world.run(world.lambda.invoke("f", "{}")).error().message, HasSubstr("broken"));
  world.account.plan(AwsFault{.service = "lambda",
                              .code = "TooManyRequestsException",
                              .message = "Rate Exceeded.",
                              .status = 429,
                              .times = 1});
  EXPECT_EQ(world.run(world.lambda.invoke("f", "{}")).error().kind, ErrorKind::throttled);
}

TEST_F(AccountServices, ObjectsAreReadWrittenAndListed) {
  EXPECT_EQ(code_of(world.s3.head_bucket("bbb")), "NotFound");
  ASSERT_TRUE(world.account.buckets().create("bbb"));
  EXPECT_EQ(code_of(world.s3.head_bucket("bbb")), "ok");
  EXPECT_EQ(code_of(world.s3.get_object("bbb", "k")), "NoSuchKey");
  EXPECT_EQ(code_of(world.s3.get_object("none", "k")), "NoSuchBucket");
  for (int i = 0; i < 1'100; ++i) world.account.buckets().put("bbb", "a/" + std::to_string(i), "x");
  EXPECT_EQ(code_of(world.s3.put_object("bbb", "a b/ö", "body", "text/plain")), "ok");
  EXPECT_EQ(*world.run(world.s3.get_object("bbb", "a b/ö")), "body");
  EXPECT_THAT(*world.run(world.s3.list_objects("bbb", "a/")), SizeIs(1'100));
  EXPECT_EQ(code_of(world.s3.delete_object("bbb", "none")), "ok");
}

TEST_F(AccountServices, RolesAreAssumedForAnHour) {
  const std::string role = world.account.add_role("r", "external");
  EXPECT_EQ(code_of(world.sts.assume_role({.role_arn = role, .session_name = "s"})), "AccessDenied");
  const auto identity =
      world.run(world.sts.assume_role({.role_arn = role, .session_name = "s", .external_id = "external"}));
  ASSERT_TRUE(identity);
  aws::Session session(
      world.options(identity->access_key_id, identity->secret_access_key, identity->session_token));
  aws::Sts sts(session);
  EXPECT_EQ(world.run(sts.get_caller_identity())->arn, "arn:aws:sts::123456789012:assumed-role/r/s");
  world.pass(std::chrono::minutes(61));
  EXPECT_EQ(code_of(sts.get_caller_identity()), "ExpiredToken");
  EXPECT_EQ(world.run(world.sts.get_caller_identity())->account, "123456789012");
}

TEST_F(AccountServices, DataKeysAreBoundToTheirContext) {
  EXPECT_EQ(code_of(world.kms.generate_data_key("alias/k", {})), "NotFoundException");
  world.account.kms().add("alias/k");
  const auto made = world.run(world.kms.generate_data_key("alias/k", {{"a", "b"}}));
  ASSERT_TRUE(made);
  EXPECT_EQ(*world.run(world.kms.decrypt("alias/k", made->ciphertext, {{"a", "b"}})), made->plaintext);
  EXPECT_EQ(code_of(world.kms.decrypt("alias/k", made->ciphertext, {{"a", "c"}})),
            "InvalidCiphertextException");
}

TEST_F(AccountServices, UnknownKeysAndWrongClocksAreRefused) {
  aws::Session stranger(world.options("AKIASTRANGER"));
  EXPECT_EQ(code_of(aws::Sts(stranger).get_caller_identity()), "InvalidClientTokenId");
  EXPECT_EQ(code_of(aws::Ssm(stranger).get_parameter("p")), "UnrecognizedClientException");
  EXPECT_EQ(code_of(aws::S3(stranger).get_object("bbb", "k")), "InvalidAccessKeyId");
}

TEST(AccountFaults, AWrongSecretIsAViolation) {
  AccountWorld world;
  aws::Session session(world.options(AccountWorld::key_id, "wrong"));
  aws::Sts sts(session);
  EXPECT_EQ(world.run(sts.get_caller_identity()).error().code, "SignatureDoesNotMatch");
  EXPECT_THAT(world.account.journal().violations, SizeIs(1));
}

TEST(AccountFaults, MembersThatAwsDoesNotKnowAreViolations) {
  AccountWorld world;
  net::Request request{
      .method = "POST", .target = "/", .body = "Action=DeleteStack&Version=2010-05-15&StackNam=s"};
  const auto reply = world.run(world.session.call(aws::Service::cloudformation, "DeleteStack", request));
  EXPECT_EQ(reply.error().code, "ValidationError");
  request.body = "Action=MakeStack&Version=2010-05-15";
  EXPECT_FALSE(world.run(world.session.call(aws::Service::cloudformation, "MakeStack", request)));
  EXPECT_THAT(world.account.journal().violations,
              ElementsAre(HasSubstr("there is no member StackNam"), HasSubstr("the action is not known")));
}

TEST(AccountFaults, PlannedOnesMeetTheirCalls) {
  AccountWorld world;
  world.account.plan(AwsFault{.service = "iam", .action = "CreateUser", .times = 1});
  EXPECT_EQ(world.run(world.iam.create_user("u", "/", {})).error().kind, ErrorKind::forbidden);
  EXPECT_TRUE(world.run(world.iam.create_user("u", "/", {})));
  // Done, but no one hears of it.
  world.account.plan(AwsFault{.service = "iam",
                              .code = "ServiceFailure",
                              .message = "lost",
                              .status = 500,
                              .times = 1,
                              .is_late = true});
  EXPECT_FALSE(world.run(world.iam.create_access_key("u")));
  EXPECT_THAT(world.account.iam().keys(), SizeIs(1));
  const JournalEntry& last = world.account.journal().entries.back();
  EXPECT_TRUE(last.was_done);
  EXPECT_EQ(last.outcome, "ServiceFailure");
  world.account.settings().throttled = 1;
  EXPECT_EQ(world.run(world.cloudformation.describe_stack("s")).error().kind, ErrorKind::throttled);
}

}  // namespace
}  // namespace simulation::test
