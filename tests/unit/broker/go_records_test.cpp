// Instances and bindings that the Go broker wrote into its table are served as if they were our own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/service_broker.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/fake_cloud.hpp"
#include "tests/unit/broker/fake_dynamodb.hpp"

namespace broker {
namespace {

namespace json = boost::json;
using core::ErrorKind;
using testing::HasSubstr;

constexpr const char* template_text = R"yaml(
Description: a bucket
Metadata:
  AWS::ServiceBroker::Specification:
    Name: s3
    UpdatableParameters: [Name]
    ServicePlans:
      production: { Description: a plan }
Parameters:
  Name: { Type: String, Default: Auto }
  DbPassword: { Type: String, NoEcho: true, Default: "" }
Resources:
  AWSSBInjectedIAMUser: { Type: AWS::IAM::User }
)yaml";

json::object attributes(std::initializer_list<std::pair<const char*, const char*>> texts) {
  json::object map;
  for (const auto& [name, text] : texts) map[name] = aws::string_attribute(text);
  return {{"M", std::move(map)}};
}

class GoRecords : public testing::Test {
 protected:
  GoRecords() {
    TemplateSet templates;
    templates.templates.push_back(std::make_shared<const Template>(*parse_template(template_text, "test")));
    broker_ = std::make_unique<ServiceBroker>(
        BrokerOptions{.broker_id = "test", .account_id = "0"},
        std::make_shared<const Catalog>(ids_, std::move(templates), CatalogOptions{}), store_, cloud_,
        sealer_, clock_, tasks_);
  }
  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  // As the Go broker does it: the stack first, then the item.
  void make_instance(const char* role = "") {
    const std::string stack =
        *run(cloud_.create_stack({.stack_name = "aws-service-broker-s3-i1",
                                  .template_body = template_text,
                                  .parameters = {{"Name", "mine"}, {"DbPassword", "old"}},
                                  .tags = {{"aws-service-broker:broker-id", "test"},
                                           {"aws-service-broker:instance-id", "i1"},
                                           {"aws-service-broker:cluster", "unknown"},
                                           {"aws-service-broker:namespace", "unknown"}}}));
    json::object item{{"type", aws::string_attribute("serviceinstance")},
                      {"serviceinstance", attributes({{"ID", "i1"},
                                                      {"ServiceID", service_.c_str()},
                                                      {"PlanID", plan_.c_str()},
                                                      {"StackID", stack.c_str()}})}};
    item["serviceinstance"].at("M").as_object()["Params"] =
        attributes({{"Name", "mine"}, {"DbPassword", "old"}, {"region", ""}, {"target_role_name", role}});
    table_.put("i1", item);
  }
  void complete_stack() {
    for (int i = 0; i < 2; ++i) std::ignore = run(cloud_.describe_stack("aws-service-broker-s3-i1"));
  }
  void make_binding(const char* role, const char* scope) {
    table_.put("b1", {{"type", aws::string_attribute("servicebinding")},
                      {"servicebinding", attributes({{"ID", "b1"},
                                                     {"InstanceID", "i1"},
                                                     {"PolicyArn", *role ? "arn:policy" : ""},
                                                     {"RoleName", role},
                                                     {"Scope", scope}})}});
  }
  core::Result<osb::BindResponse> bind(const json::value& parameters = nullptr) {
    osb::BindRequest request{
        .instance_id = "i1", .binding_id = "b1", .service_id = service_, .plan_id = plan_};
    request.parameters = parameters;
    return run(broker_->bind(request, {}));
  }
  core::Result<osb::ProvisionResponse> provision(const json::value& parameters) {
    osb::ProvisionRequest request{.instance_id = "i1", .service_id = service_, .plan_id = plan_};
    request.parameters = parameters;
    request.accepts_incomplete = true;
    return run(broker_->provision(request, {}));
  }

  boost::asio::io_context io_{1};
  test::FakeCloud cloud_;
  test::FakeDynamoDb table_{io_};
  DynamoDbStore store_{table_.session(), "awssb", test::FakeDynamoDb::account};
  Ids ids_ = *Ids::make("000000000000", "awsservicebroker");
  std::string service_ = ids_.class_id("s3");
  std::string plan_ = ids_.plan_id("s3", "production");
  core::Sealer sealer_ = core::Sealer::ephemeral();
  async::SystemClock clock_;
  async::TaskGroup tasks_{io_.get_executor()};
  std::unique_ptr<ServiceBroker> broker_;
};

TEST_F(GoRecords, are_read_with_their_parameters_and_the_place_of_their_stack) {
  make_instance("builder");
  const auto record = run(store_.get_instance("i1"))->value();
  EXPECT_EQ(record.id, "i1");
  EXPECT_EQ(record.service_id, service_);
  EXPECT_EQ(record.plan_id, plan_);
  EXPECT_EQ(record.stack_name, "aws-service-broker-s3-i1");
  EXPECT_EQ(record.region, "us-east-1");
  EXPECT_EQ(record.role_arn, "arn:aws:iam::0:role/builder");
  EXPECT_EQ(core::find_string(record.parameters, {"Name"}), "mine");
  EXPECT_EQ(core::find_string(record.parameters, {"region"}), "") << "NULL is the Go broker's empty text";
  EXPECT_EQ(record.version, 0);
  make_binding("r", "Read");
  const auto binding = run(store_.get_binding("b1"))->value();
  EXPECT_EQ(binding.instance_id, "i1");
  EXPECT_EQ(binding.policy_arn, "arn:policy");
  EXPECT_EQ(binding.role_name, "r");
  EXPECT_EQ(binding.scope, "Read");
  EXPECT_EQ(binding.phase, BindingPhase::ready);
  for (const std::string& table : table_.tables) EXPECT_EQ(table, "awssb");
}

TEST_F(GoRecords, keep_of_another_accounts_keys_the_id_only) {
  make_instance();
  json::object& params = table_.items.at("i1").at("serviceinstance").at("M").at("Params").at("M").as_object();
  params["aws_access_key"] = aws::string_attribute("AKIATENANT");
  params["aws_secret_key"] = aws::string_attribute("hush");
  const auto record = run(store_.get_instance("i1"))->value();
  EXPECT_EQ(record.access_key_id, "AKIATENANT");
  EXPECT_EQ(record.class_name, "s3") << "by which keys are found when those were rotated";
  for (const char* name : {"aws_access_key", "aws_secret_key"})
    EXPECT_FALSE(record.parameters.contains(name));
  ASSERT_TRUE(run(store_.put_instance(record)));
  EXPECT_THAT(core::to_text(table_.items.at("i1")), testing::Not(HasSubstr("hush")));
  EXPECT_EQ(run(store_.get_instance("i1"))->value().access_key_id, "AKIATENANT");
}

TEST_F(GoRecords, stay_readable_for_the_go_broker_when_they_are_written) {
  make_instance();
  ASSERT_TRUE(run(store_.put_instance(run(store_.get_instance("i1"))->value())));
  const json::object& item = table_.items.at("i1");
  EXPECT_EQ(aws::string_of(item, {"type"}), "serviceinstance");
  EXPECT_EQ(aws::string_of(item, {"userid"}), test::FakeDynamoDb::account);
  EXPECT_EQ(aws::string_of(item, {"serviceinstance", "M", "ServiceID"}), service_);
  EXPECT_EQ(aws::string_of(item, {"serviceinstance", "M", "Params", "M", "Name"}), "mine");
  EXPECT_EQ(core::find_bool(item, {"serviceinstance", "M", "Params", "M", "region", "NULL"}), true);
}

TEST_F(GoRecords, are_bound_without_a_poll_once_their_stack_is_complete) {
  make_instance();
  const auto early = bind();
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, "ConcurrencyError");
  complete_stack();
  const auto bound = bind();
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_TRUE(core::find_string(bound->credentials, {"S3_AWS_ACCESS_KEY_ID"}).starts_with("AKIA"));
  EXPECT_TRUE(run(broker_->fetch_instance({.instance_id = "i1"}, {})));
}

TEST_F(GoRecords, of_bindings_give_credentials_again_and_are_unbound) {
  make_instance();
  complete_stack();
  make_binding("r", "Read");
  const auto other = bind({{"RoleName", "other"}, {"Scope", "Read"}});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::conflict);
  const auto again = bind({{"rolename", "r"}, {"scope", "read"}});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->outcome, osb::Outcome::unchanged);
  EXPECT_TRUE(cloud_.users["r"].attached.contains("arn:policy"));
  const osb::UnbindRequest request{
      .instance_id = "i1", .binding_id = "b1", .service_id = service_, .plan_id = plan_};
  ASSERT_TRUE(run(broker_->unbind(request, {})));
  EXPECT_FALSE(cloud_.users["r"].attached.contains("arn:policy"));
  EXPECT_FALSE(table_.items.contains("b1"));
}

TEST_F(GoRecords, are_the_answer_to_a_repeated_request_and_refuse_another_one) {
  make_instance();
  for (const char* same : {"{}", "null", R"({"Name":"mine"})", R"({"DbPassword":"old","Name":"mine"})"})
    EXPECT_TRUE(provision(*core::parse_json(same))) << same;
  for (const char* other : {R"({"Name":"yours"})", R"({"DbPassword":"new"})", R"({"user_tags":"[]"})"}) {
    const auto answer = provision(*core::parse_json(other));
    ASSERT_FALSE(answer) << other;
    EXPECT_EQ(answer.error().kind, ErrorKind::conflict);
  }
  EXPECT_EQ(cloud_.stacks.size(), 1U);
}

TEST_F(GoRecords, are_updated_by_the_template_that_cloudformation_has_of_them) {
  make_instance();
  complete_stack();
  const auto update = [this](const json::object& parameters) {
    osb::UpdateRequest request{.instance_id = "i1", .service_id = service_};
    request.parameters = parameters;
    request.accepts_incomplete = true;
    return run(broker_->update(request, {}));
  };
  EXPECT_EQ(update({{"DbPassword", "old"}, {"Name", "mine"}})->outcome, osb::Outcome::done);
  EXPECT_THAT(update({{"DbPassword", "new"}}).error().message, HasSubstr("these can: Name"));
  ASSERT_TRUE(update({{"Name", "yours"}}));
  ASSERT_EQ(cloud_.updates.size(), 1U);
  EXPECT_EQ(cloud_.updates[0].template_body, "");
  EXPECT_EQ(cloud_.updates[0].parameters, (aws::NameValues{{"Name", "yours"}}));
  EXPECT_EQ(cloud_.updates[0].unchanged_parameters, std::vector<std::string>{"DbPassword"});
  EXPECT_TRUE(cloud_.updates[0].tags.empty()) << "those of the Go broker stay";
  for (int polls = 0; polls < 3; ++polls)
    ASSERT_TRUE(run(broker_->last_operation({.instance_id = "i1", .operation = "update-1"}, {})));
  const auto fetched = run(broker_->fetch_instance({.instance_id = "i1"}, {}));
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(core::find_string(fetched->parameters, {"Name"}), "yours");
  EXPECT_FALSE(fetched->parameters.as_object().contains("DbPassword"));
}

TEST_F(GoRecords, are_deprovisioned) {
  make_instance();
  complete_stack();
  make_binding("", "");
  const osb::DeprovisionRequest request{
      .instance_id = "i1", .service_id = service_, .plan_id = plan_, .accepts_incomplete = true};
  ASSERT_TRUE(run(broker_->deprovision(request, {})));
  for (int polls = 0; polls < 3 && table_.items.contains("i1"); ++polls)
    ASSERT_TRUE(run(broker_->last_operation({.instance_id = "i1", .operation = "deprovision"}, {})));
  EXPECT_TRUE(table_.items.empty());
  EXPECT_EQ(cloud_.living_stacks(), 0U);
}

TEST_F(GoRecords, are_not_what_a_broken_record_of_ours_is_taken_for) {
  make_instance();
  make_binding("r", "Read");
  for (const char* broken : {"{", "[]", "", "7"}) {
    for (auto& [id, item] : table_.items) item["record"] = aws::string_attribute(broken);
    const auto instance = run(store_.get_instance("i1"));
    ASSERT_FALSE(instance) << broken;
    EXPECT_EQ(instance.error().kind, ErrorKind::internal);
    EXPECT_THAT(instance.error().message, HasSubstr("i1"));
    EXPECT_FALSE(run(store_.get_binding("b1")));
    const auto instances = run(store_.list_instances());
    ASSERT_TRUE(instances && instances->size() == 1) << broken;
    EXPECT_FALSE(instances->front().readable) << broken;
    const auto bindings = run(store_.list_bindings("i1"));
    ASSERT_TRUE(bindings && bindings->size() == 1) << broken;
    EXPECT_FALSE(bindings->front().readable) << broken;
  }
}

TEST_F(GoRecords, of_classes_and_parameters_are_no_instances) {
  table_.put("c1", {{"type", aws::string_attribute("service")}, {"serviceid", aws::string_attribute("c1")}});
  table_.put("p1", {{"type", aws::string_attribute("parameter")}, {"value", aws::string_attribute("v")}});
  for (const char* id : {"c1", "p1"}) {
    EXPECT_FALSE(run(store_.get_instance(id))->has_value());
    EXPECT_FALSE(run(store_.get_binding(id))->has_value());
  }
  EXPECT_TRUE(run(store_.list_instances())->empty());
}

}  // namespace
}  // namespace broker
