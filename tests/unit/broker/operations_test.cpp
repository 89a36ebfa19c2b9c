// What the operations ask of AWS, and what they refuse before anything is recorded or made.
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/service_broker.hpp"
#include "broker/store/sqlite_store.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/fake_cloud.hpp"

namespace broker {
namespace {

namespace json = boost::json;
using core::ErrorKind;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

constexpr const char* template_text = R"yaml(
Description: a bucket
Metadata:
  AWS::ServiceBroker::Specification:
    Name: s3
    BindViaLambda: LAMBDA
    ServicePlans:
      production: { Description: a plan }
Parameters:
  Name: { Type: String, Default: Auto }
Resources:
  AWSSBInjectedIAMUser: { Type: AWS::IAM::User }
Outputs:
  Password: { Value: !Sub "ssm:/asb/${AWS::StackName}/password" }
  Name: { Value: !Sub "secretsmanager:${Secret}:SecretString:name" }
  Port: { Value: !Sub "secretsmanager:${Secret}:SecretString:port" }
  Whole: { Value: !Sub "secretsmanager:${Secret}:SecretString::AWSPREVIOUS" }
)yaml";

// That is a resource of the instance's stack.
const aws::StackResource secret{.logical_id = "Secret",
                                .physical_id = "db",
                                .type = "AWS::SecretsManager::Secret",
                                .status = "CREATE_COMPLETE"};

class Operations : public testing::Test {
 protected:
  Operations() { use_template("false"); }
  void use_template(const std::string& bind_via_lambda) {
    std::string text = template_text;
    text.replace(text.find("LAMBDA"), 6, bind_via_lambda);
    TemplateSet templates;
    templates.templates.push_back(std::make_shared<const Template>(*parse_template(text, "test")));
    version_ = templates.templates.back()->maintenance_version;
    broker_.use_catalog(std::make_shared<const Catalog>(ids_, std::move(templates), CatalogOptions{}));
  }
  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  core::Result<osb::ProvisionResponse> provision(const json::value& parameters,
                                                 const json::value& context = nullptr) {
    osb::ProvisionRequest request{.instance_id = "i1", .service_id = service_, .plan_id = plan_};
    request.parameters = parameters;
    request.context = context;
    request.accepts_incomplete = true;
    return run(broker_.provision(request, {}));
  }
  // A ready instance whose stack has these outputs.
  void make_instance(Outputs outputs) {
    ASSERT_TRUE(provision(nullptr));
    for (int polls = 0; polls < 3; ++polls)
      ASSERT_TRUE(run(broker_.last_operation({.instance_id = "i1", .operation = "provision"}, {})));
    cloud_.stacks.begin()->second.stack.outputs = std::move(outputs);
  }
  core::Result<osb::BindResponse> bind(const json::value& parameters) {
    osb::BindRequest request{
        .instance_id = "i1", .binding_id = "b1", .service_id = service_, .plan_id = plan_};
    request.parameters = parameters;
    return run(broker_.bind(request, {}));
  }
  core::Result<osb::UnbindResponse> unbind() {
    return run(broker_.unbind(
        {.instance_id = "i1", .binding_id = "b1", .service_id = service_, .plan_id = plan_}, {}));
  }

  boost::asio::io_context io_{1};
  async::BlockingPool pool_{1};
  std::unique_ptr<SqliteStore> store_ = *SqliteStore::open(pool_, ":memory:");
  test::FakeCloud cloud_;
  Ids ids_ = *Ids::make("000000000000", "awsservicebroker");
  std::string version_;  // of the template in use
  std::string service_ = ids_.class_id("s3");
  std::string plan_ = ids_.plan_id("s3", "production");
  core::Sealer sealer_ = core::Sealer::ephemeral();
  async::SystemClock clock_;
  async::TaskGroup tasks_{io_.get_executor()};
  ServiceBroker broker_{{.broker_id = "awsservicebroker", .account_id = "000000000000"},
                        nullptr,
                        *store_,
                        cloud_,
                        sealer_,
                        clock_,
                        tasks_};
};

TEST_F(Operations, tag_the_stack_with_where_it_belongs_and_with_the_users_tags) {
  for (const char* own : {"aws-service-broker:instance-id", "AWS-Service-Broker:Broker-Id"}) {
    const json::array tags{json::object{{"Key", own}, {"Value", "another"}}};
    const auto refused = provision({{"user_tags", tags}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    EXPECT_THAT(refused.error().message, HasSubstr(own)) << "no user can set it";
  }
  ASSERT_TRUE(provision({{"user_tags", R"([{"Key":"team","Value":"blue"}])"}},
                        {{"platform", "kubernetes"}, {"clusterid", "c"}, {"namespace", "n"}}));
  ASSERT_THAT(cloud_.stacks, SizeIs(1));
  const auto& tags = cloud_.stacks.begin()->second.stack.tags;
  EXPECT_THAT(tags, SizeIs(5));
  EXPECT_THAT(tags, Contains(Pair("aws-service-broker:broker-id", "awsservicebroker")));
  EXPECT_THAT(tags, Contains(Pair("aws-service-broker:instance-id", "i1")));
  EXPECT_THAT(tags, Contains(Pair("aws-service-broker:cluster", "c")));
  EXPECT_THAT(tags, Contains(Pair("aws-service-broker:namespace", "n")));
  EXPECT_THAT(tags, Contains(Pair("team", "blue")));
}

TEST_F(Operations, leave_nothing_of_a_provision_that_is_refused) {
  EXPECT_EQ(provision({{"Colour", "red"}}).error().kind, ErrorKind::invalid);
  service_ = "nowhere";
  EXPECT_THAT(provision(nullptr).error().message, HasSubstr("nowhere"));
  EXPECT_THAT(*run(store_->list_instances()), IsEmpty());
  EXPECT_THAT(cloud_.stacks, IsEmpty());
}

TEST_F(Operations, make_an_instance_only_of_the_version_that_is_asked_for_and_tell_it_ever_after) {
  osb::ProvisionRequest request{.instance_id = "i1", .service_id = service_, .plan_id = plan_};
  request.accepts_incomplete = true;
  request.maintenance_info = {{"version", "0.1.0"}};
  const auto refused = run(broker_.provision(request, {}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unprocessable);
  EXPECT_EQ(refused.error().code, "MaintenanceInfoConflict");
  EXPECT_THAT(*run(store_->list_instances()), IsEmpty());
  request.maintenance_info = {{"version", version_}, {"description", "another one"}};
  ASSERT_TRUE(run(broker_.provision(request, {})));
  const std::string made_of = version_;
  use_template("true");
  EXPECT_NE(version_, made_of);
  EXPECT_TRUE(run(broker_.provision(request, {}))) << "repeated, it asks for what is there";
  for (int polls = 0; polls < 3; ++polls)
    ASSERT_TRUE(run(broker_.last_operation({.instance_id = "i1", .operation = "provision"}, {})));
  const auto fetched =
      run(broker_.fetch_instance({.instance_id = "i1", .service_id = {}, .plan_id = {}}, {}));
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(core::find_string(fetched->maintenance_info, {"version"}), made_of);
}

TEST_F(Operations, attach_the_policy_of_the_scope_to_the_role_until_the_unbind) {
  make_instance({{"BucketName", "b"}, {"PolicyArnReadOnly", "arn:read"}, {"PolicyArn", "arn:all"}});
  const auto bound = bind({{"roleName", "app"}, {"SCOPE", "readonly"}});
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_EQ(cloud_.users.at("app").attached, std::set<std::string>{"arn:read"});
  EXPECT_FALSE(bound->credentials.as_object().contains("POLICY_ARN_READ_ONLY"));
  ASSERT_TRUE(unbind());
  EXPECT_THAT(cloud_.users.at("app").attached, IsEmpty());
  ASSERT_TRUE(bind({{"RoleName", "app"}}));
  EXPECT_EQ(cloud_.users.at("app").attached, std::set<std::string>{"arn:all"});
}

TEST_F(Operations, leave_nothing_of_a_bind_that_is_refused) {
  make_instance({{"BucketName", "b"}, {"PolicyArnRead", "arn:read"}});
  const auto users = cloud_.users.size();
  const struct {
    json::value parameters;
    const char* said;
  } table[] = {
      {{{"Colour", "red"}}, "Colour"},   {{{"RoleName", 7}}, "RoleName"},
      {{{"Scope", "Read"}}, "RoleName"}, {{{"RoleName", "app"}, {"Scope", "Write"}}, "Write"},
      {{{"RoleName", "app"}}, "scope"},
  };
  for (const auto& each : table) {
    const auto bound = bind(each.parameters);
    ASSERT_FALSE(bound) << each.said;
    EXPECT_EQ(bound.error().kind, ErrorKind::invalid);
    EXPECT_THAT(bound.error().message, HasSubstr(each.said));
  }
  EXPECT_EQ(cloud_.users.size(), users);
  EXPECT_TRUE(bind({{"RoleName", "app"}, {"Scope", "Read"}})) << "the corrected request is not a conflict";
}

TEST_F(Operations, go_on_with_an_instance_whose_class_left_the_catalog) {
  make_instance({{"BucketName", "b"}});
  broker_.use_catalog(std::make_shared<const Catalog>(ids_, TemplateSet(), CatalogOptions{}));
  const auto bound = bind(nullptr);
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_EQ(core::find_string(bound->credentials, {"BUCKET_NAME"}), "b");
  ASSERT_TRUE(unbind());
  EXPECT_TRUE(run(broker_.deprovision(
      {.instance_id = "i1", .service_id = service_, .plan_id = plan_, .accepts_incomplete = true}, {})));
}

TEST_F(Operations, bind_as_the_template_said_when_the_instance_was_made) {
  make_instance({{"BucketName", "b"}});
  use_template("true");  // the stack has no function to ask
  const auto bound = bind(nullptr);
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_TRUE(unbind());
}

TEST_F(Operations, read_secrets_of_the_outputs_from_ssm) {
  const std::string name = "/asb/aws-service-broker-s3-i1/password";
  make_instance({{"Password", "ssm:" + name}, {"Plain", "p"}});
  const auto bound = bind(nullptr);
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_EQ(core::find_string(bound->credentials, {"PASSWORD"}), "value of " + name);
  EXPECT_EQ(core::find_string(bound->credentials, {"PLAIN"}), "p");
}

TEST_F(Operations, read_secrets_of_the_outputs_from_secrets_manager) {
  cloud_.more_resources = {secret};
  make_instance({{"Name", "secretsmanager:db:SecretString:name"},
                 {"Port", "secretsmanager:db:SecretString:port"},
                 {"Whole", "secretsmanager:db:SecretString::AWSPREVIOUS"}});
  cloud_.secrets[{"db", ""}] = R"({"name":"orders","port":5432})";
  cloud_.secrets[{"db", "AWSPREVIOUS"}] = "old";
  const auto bound = bind(nullptr);
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_EQ(core::find_string(bound->credentials, {"NAME"}), "orders");
  EXPECT_EQ(core::find_string(bound->credentials, {"PORT"}), "5432");
  EXPECT_EQ(core::find_string(bound->credentials, {"WHOLE"}), "old");
  EXPECT_EQ(cloud_.secret_reads, 2) << "each version once";
}

TEST_F(Operations, say_which_key_a_secret_does_not_have) {
  cloud_.more_resources = {secret};
  make_instance({{"Name", "secretsmanager:db:SecretString:name"}});
  cloud_.secrets[{"db", ""}] = "no JSON";
  const auto bound = bind(nullptr);
  ASSERT_FALSE(bound);
  EXPECT_THAT(bound.error().message, HasSubstr("The secret db has no key name"));
  EXPECT_THAT(bound.error().message, Not(HasSubstr("no JSON"))) << "it may be the secret itself";
}

TEST_F(Operations, let_the_templates_function_make_the_credentials) {
  use_template("true");
  make_instance({{"BucketName", "b"}, {"BindLambda", "function"}});
  cloud_.lambda_answer = R"({"user":"u"})";
  const auto bound = bind(nullptr);
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_EQ(bound->credentials, json::value({{"user", "u"}}));
  ASSERT_TRUE(unbind());
  ASSERT_THAT(cloud_.lambda_payloads, SizeIs(2));
  const auto asked = core::parse_json(cloud_.lambda_payloads[0]);
  for (const auto& [key, value] : {std::pair("BUCKET_NAME", "b"), std::pair("INSTANCE_ID", "i1"),
                                   std::pair("BINDING_ID", "b1"), std::pair("RequestType", "bind")})
    EXPECT_EQ(core::find_string(*asked, {key}), value);
  EXPECT_EQ(core::find_string(*core::parse_json(cloud_.lambda_payloads[1]), {"RequestType"}), "unbind");
}

TEST_F(Operations, tell_what_the_templates_function_says_of_its_failure) {
  use_template("true");
  make_instance({{"BindLambda", "function"}});
  const struct {
    const char *answer, *said;
  } table[] = {{R"({"errorMessage":"no such schema"})", "no such schema"},
               {"[]", "a JSON object"},
               {"", "a JSON object"}};
  for (const auto& each : table) {
    cloud_.lambda_answer = each.answer;
    const auto bound = bind(nullptr);
    ASSERT_FALSE(bound) << each.answer;
    EXPECT_THAT(bound.error().message, HasSubstr(each.said));
  }
}

}  // namespace
}  // namespace broker
