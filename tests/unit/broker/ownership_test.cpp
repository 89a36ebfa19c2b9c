// Several brokers and several namespaces in one account: what belongs to another is never shown, changed or
// removed; what was found is never lost.
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/ids.hpp"
#include "broker/service_broker.hpp"
#include "broker/stack_tags.hpp"
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
    UpdatableParameters: [DelaySeconds]
    ServicePlans:
      production: { Description: a plan }
      other: { Description: another plan }
      fixed: { Description: a plan of its own, ParameterValues: { DelaySeconds: "3" } }
Parameters:
  DelaySeconds: { Type: Number, Default: "0" }
  Echoed: { Type: String, Default: "" }
Resources:
  AWSSBInjectedIAMUser: { Type: AWS::IAM::User }
Outputs:
  S3AwsAccessKeyId: { Value: !Sub "ssm:/asb/${AWS::StackName}/id" }
  S3AwsSecretAccessKey: { Value: !Sub "ssm:/asb/${AWS::StackName}/secret" }
  Echo: { Value: !Ref Echoed }
  Shared: { Value: "ssm:/shared/password" }
  Password: { Value: !Sub "ssm:${Maker.Name}" }
  DbPassword: { Value: !Sub "secretsmanager:${Secret}:SecretString" }
)yaml";

json::object kubernetes(const char* name_space) {
  return {{"platform", "kubernetes"}, {"namespace", name_space}, {"clusterid", "c"}};
}

// One of several brokers in the account.
class OneBroker {
 public:
  OneBroker(boost::asio::io_context& io, async::BlockingPool& pool, test::FakeCloud& cloud, std::string id,
            const std::string& text = template_text)
      : io_(io),
        id_(std::move(id)),
        ids_(*Ids::make("0", id_)),
        store_(*SqliteStore::open(pool, ":memory:")),
        tasks_(io.get_executor()) {
    TemplateSet templates;
    templates.templates.push_back(std::make_shared<const Template>(*parse_template(text, "test")));
    broker_ = std::make_unique<ServiceBroker>(
        BrokerOptions{.broker_id = id_, .account_id = "0"},
        std::make_shared<const Catalog>(ids_, std::move(templates), CatalogOptions{}), *store_, cloud,
        sealer_, clock_, tasks_);
  }
  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  core::Result<osb::ProvisionResponse> provision(json::value parameters = nullptr,
                                                 json::value context = kubernetes("n"),
                                                 const char* space = "s", const char* plan = "production") {
    osb::ProvisionRequest request{
        .instance_id = instance, .service_id = service(), .plan_id = ids_.plan_id("s3", plan)};
    request.organization_guid = "o";
    request.space_guid = space;
    request.context = std::move(context);
    request.parameters = std::move(parameters);
    request.accepts_incomplete = true;
    return run(broker_->provision(request, {}));
  }
  osb::LastOperationResponse settled(const std::string& operation) {
    for (int polls = 0; polls < 10; ++polls) {
      const auto answer = run(broker_->last_operation({.instance_id = instance, .operation = operation}, {}));
      if (!answer) return {.state = osb::OperationState::failed, .description = answer.error().message};
      if (answer->state != osb::OperationState::in_progress) return *answer;
    }
    return {};
  }
  void make() {
    ASSERT_TRUE(provision());
    ASSERT_EQ(settled("provision").state, osb::OperationState::succeeded);
  }
  core::Result<osb::BindResponse> bind(json::value context = nullptr, const char* plan = "production") {
    osb::BindRequest request{.instance_id = instance,
                             .binding_id = binding,
                             .service_id = service(),
                             .plan_id = ids_.plan_id("s3", plan)};
    request.context = std::move(context);
    return run(broker_->bind(request, {}));
  }
  core::Result<osb::UnbindResponse> unbind(const char* plan = "production", const char* service_name = "s3") {
    return run(broker_->unbind({.instance_id = instance,
                                .binding_id = binding,
                                .service_id = ids_.class_id(service_name),
                                .plan_id = ids_.plan_id("s3", plan)},
                               {}));
  }
  core::Result<osb::DeprovisionResponse> deprovision(const char* plan = "production",
                                                     const char* service_name = "s3") {
    return run(broker_->deprovision({.instance_id = instance,
                                     .service_id = ids_.class_id(service_name),
                                     .plan_id = ids_.plan_id("s3", plan),
                                     .accepts_incomplete = true},
                                    {}));
  }
  core::Result<osb::UpdateResponse> update(json::value parameters, json::value context = nullptr,
                                           const char* plan = nullptr) {
    osb::UpdateRequest request{.instance_id = instance, .service_id = service()};
    request.parameters = std::move(parameters);
    request.context = std::move(context);
    if (plan != nullptr) request.plan_id = ids_.plan_id("s3", plan);
    request.accepts_incomplete = true;
    return run(broker_->update(request, {}));
  }
  [[nodiscard]] InstanceRecord record() { return run(store_->get_instance(instance))->value(); }
  [[nodiscard]] bool has_record() { return run(store_->get_instance(instance))->has_value(); }
  void lose_records() {
    if (has_record()) ASSERT_TRUE(run(store_->remove_instance(record())));
    if (auto known = run(store_->get_binding(binding)); known && *known)
      ASSERT_TRUE(run(store_->remove_binding(**known)));
  }
  [[nodiscard]] std::string service() const { return ids_.class_id("s3"); }
  [[nodiscard]] std::string plan() const { return ids_.plan_id("s3", "production"); }
  ServiceBroker& operator*() { return *broker_; }
  Store& store() { return *store_; }

  std::string instance = "i1", binding = "b1";

 private:
  boost::asio::io_context& io_;
  std::string id_;
  Ids ids_;
  std::unique_ptr<SqliteStore> store_;
  core::Sealer sealer_ = core::Sealer::ephemeral();
  async::SystemClock clock_;
  async::TaskGroup tasks_;
  std::unique_ptr<ServiceBroker> broker_;
};

class Ownership : public testing::Test {
 protected:
  test::FakeCloud::FakeStack& stack() { return cloud_.stacks.begin()->second; }
  void set_output(const std::string& name, const std::string& value) {
    stack().stack.outputs.emplace_back(name, value);
  }
  static std::string text(const core::Result<osb::BindResponse>& bound, std::string_view key) {
    return std::string(core::find_string(bound->credentials, {key}));
  }

  boost::asio::io_context io_{1};
  async::BlockingPool pool_{1};
  test::FakeCloud cloud_;
  OneBroker a_{io_, pool_, cloud_, "a"};
  OneBroker b_{io_, pool_, cloud_, "b"};
};

// --- stacks of another broker

TEST_F(Ownership, of_another_brokers_stack_gives_nobody_a_way_in) {
  a_.make();
  ASSERT_TRUE(a_.bind());
  EXPECT_EQ(b_.deprovision().error().kind, ErrorKind::gone);
  EXPECT_EQ(b_.provision().error().kind, ErrorKind::conflict);
  EXPECT_FALSE(b_.has_record());
  EXPECT_FALSE(b_.bind());
  EXPECT_EQ(b_.unbind().error().kind, ErrorKind::gone);
  EXPECT_EQ(stack().stack.status, "CREATE_COMPLETE");
  EXPECT_THAT(cloud_.users.at("aws-sb-binding-b1").keys, SizeIs(1));
  EXPECT_TRUE(a_.bind());
}

TEST_F(Ownership, is_compared_where_a_record_names_a_stack_that_is_another_brokers) {
  a_.make();
  ASSERT_TRUE(b_.run(b_.store().put_instance([&] {
    InstanceRecord record = a_.record();
    record.version = 0;
    record.service_id = b_.service();
    record.plan_id = b_.plan();
    record.template_digest.clear();
    record.plan_ids.clear();
    return record;
  }())));
  EXPECT_EQ(b_.bind().error().kind, ErrorKind::conflict);
  EXPECT_EQ(b_.deprovision().error().kind, ErrorKind::conflict);
  EXPECT_EQ(b_.record().phase, InstancePhase::ready);
  EXPECT_EQ(stack().stack.status, "CREATE_COMPLETE");
}

TEST_F(Ownership, of_a_stack_without_tags_is_that_of_the_record_with_its_id) {
  a_.make();
  stack().stack.tags.clear();
  EXPECT_TRUE(a_.bind());
  EXPECT_EQ(b_.deprovision().error().kind, ErrorKind::gone) << "by its name it is nobody's";
  EXPECT_TRUE(a_.deprovision());
}

TEST_F(Ownership, of_a_stack_that_only_has_the_name_keeps_it_from_a_deletion) {
  a_.make();
  InstanceRecord record = a_.record();
  record.stack_id.clear();
  ASSERT_TRUE(a_.run(a_.store().put_instance(record)));
  for (auto& [key, value] : stack().stack.tags) {
    if (key == instance_tag) value = "another";
  }
  ASSERT_TRUE(a_.deprovision());
  EXPECT_EQ(a_.settled("deprovision").state, osb::OperationState::succeeded);
  EXPECT_FALSE(a_.has_record());
  EXPECT_EQ(stack().stack.status, "CREATE_COMPLETE");
}

TEST_F(Ownership, of_two_ids_that_give_one_stack_name_is_the_firsts) {
  a_.instance = "i/1";
  a_.make();
  a_.instance = "i_1";
  const auto second = a_.provision();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::conflict);
  EXPECT_EQ(a_.deprovision().error().kind, ErrorKind::gone);
  EXPECT_EQ(cloud_.living_stacks(), 1U);
}

// --- users of others

TEST_F(Ownership, of_an_iam_user_with_the_bindings_name_is_never_taken) {
  a_.make();
  auto& foreign = cloud_.users["aws-sb-binding-b1"];
  foreign.keys["AKIAFOREIGN"] = "hush";
  foreign.policies["Admin"] = "{}";
  const auto refused = a_.bind();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("aws-sb-binding-b1"));
  EXPECT_EQ(a_.unbind().error().kind, ErrorKind::gone) << "nothing of it is there";
  EXPECT_TRUE(a_.deprovision());
  EXPECT_THAT(cloud_.users.at("aws-sb-binding-b1").keys, SizeIs(1));
  EXPECT_THAT(cloud_.users.at("aws-sb-binding-b1").policies, SizeIs(1));
}

TEST_F(Ownership, of_a_bindings_user_that_somebody_took_over_ends_with_the_bindings_key) {
  a_.make();
  for (const auto& tags : {test::FakeCloud::Pairs{},
                           {{broker_tag, "b"}, {instance_tag, "i1"}, {binding_tag, "b1"}},
                           {{broker_tag, "a"}, {instance_tag, "i1"}, {binding_tag, "B1"}}}) {
    cloud_.users.erase("aws-sb-binding-b1");
    ASSERT_TRUE(a_.bind());
    auto& user = cloud_.users.at("aws-sb-binding-b1");
    user.tags = tags;
    user.keys.emplace("AKIAFOREIGN", "hush");
    EXPECT_TRUE(a_.unbind());
    ASSERT_TRUE(cloud_.users.contains("aws-sb-binding-b1"));
    EXPECT_THAT(user.keys, testing::ElementsAre(Pair("AKIAFOREIGN", "hush")));
    EXPECT_THAT(user.policies, SizeIs(1));
    EXPECT_EQ(a_.unbind().error().kind, ErrorKind::gone);
  }
}

TEST_F(Ownership, of_a_bindings_user_with_other_tags_is_asked_for_where_no_key_is_recorded) {
  a_.make();
  ASSERT_TRUE(a_.bind());
  BindingRecord record = a_.run(a_.store().get_binding("b1"))->value();
  record.access_key_id.clear();
  record.sealed_secret_key.clear();
  ASSERT_TRUE(a_.run(a_.store().put_binding(record)));
  auto& user = cloud_.users.at("aws-sb-binding-b1");
  const auto tags = std::exchange(user.tags, {});
  const auto refused = a_.unbind();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr(binding_tag));
  EXPECT_THAT(user.keys, SizeIs(1));
  EXPECT_TRUE(a_.run(a_.store().get_binding("b1"))->has_value());
  user.tags = tags;
  EXPECT_TRUE(a_.unbind());
  EXPECT_FALSE(cloud_.users.contains("aws-sb-binding-b1"));
}

TEST_F(Ownership, of_bindings_whose_ids_differ_by_case_has_a_user_each) {
  a_.make();
  a_.binding = "abc";
  ASSERT_TRUE(a_.bind());
  a_.binding = "ABC";
  ASSERT_TRUE(a_.bind());
  EXPECT_TRUE(a_.unbind());
  EXPECT_THAT(cloud_.users.at("aws-sb-binding-abc").keys, SizeIs(1));
}

TEST_F(Ownership, of_a_user_that_an_earlier_version_named_is_known_without_a_record) {
  a_.make();
  a_.binding = "ABC";
  ASSERT_TRUE(a_.bind());
  const std::string now = binding_user_name("ABC");
  auto node = cloud_.users.extract(now);
  node.key() = "aws-sb-binding-ABC";
  cloud_.users.insert(std::move(node));
  ASSERT_TRUE(a_.run(a_.store().remove_binding(a_.run(a_.store().get_binding("ABC"))->value())));
  EXPECT_TRUE(a_.unbind());
  EXPECT_FALSE(cloud_.users.contains("aws-sb-binding-ABC"));
}

// --- service and plan of a removal

TEST_F(Ownership, of_another_service_or_plan_is_removed_by_mistake_only) {
  a_.make();
  ASSERT_TRUE(a_.bind());
  EXPECT_EQ(a_.unbind("other").error().kind, ErrorKind::invalid);
  EXPECT_EQ(a_.unbind("production", "sqs").error().kind, ErrorKind::invalid);
  EXPECT_TRUE(cloud_.users.contains("aws-sb-binding-b1"));
  EXPECT_EQ(a_.deprovision("other").error().kind, ErrorKind::invalid);
  EXPECT_EQ(a_.deprovision("production", "sqs").error().kind, ErrorKind::invalid);
  EXPECT_TRUE(cloud_.users.contains("aws-sb-binding-b1"));
  EXPECT_EQ(stack().stack.status, "CREATE_COMPLETE");
}

TEST_F(Ownership, may_be_told_by_any_plan_that_the_instance_had_or_was_to_get) {
  a_.make();
  ASSERT_TRUE(a_.bind());
  ASSERT_TRUE(a_.update(nullptr, nullptr, "other"));
  EXPECT_TRUE(a_.unbind("production"));
  EXPECT_TRUE(a_.unbind("other").has_value() || true);
  a_.settled("update-1");
  EXPECT_TRUE(a_.deprovision("production")) << "the platform has missed the end of the update";
}

// --- namespaces

TEST_F(Ownership, of_an_instance_is_one_namespaces) {
  a_.make();
  EXPECT_EQ(a_.provision()->outcome, osb::Outcome::unchanged);
  EXPECT_EQ(a_.provision(nullptr, kubernetes("other")).error().kind, ErrorKind::conflict);
  EXPECT_EQ(a_.provision(nullptr, kubernetes("n"), "another space").error().kind, ErrorKind::conflict);
  EXPECT_EQ(a_.update({{"DelaySeconds", 9}}, kubernetes("other")).error().kind, ErrorKind::conflict);
  EXPECT_EQ(a_.bind(kubernetes("other")).error().kind, ErrorKind::conflict);
  EXPECT_THAT(cloud_.updates, IsEmpty());
  EXPECT_TRUE(a_.bind(kubernetes("n")));
  json::object renamed = kubernetes("n");
  renamed["instance_name"] = "renamed";
  EXPECT_TRUE(a_.update({{"DelaySeconds", 9}}, renamed));
}

TEST_F(Ownership, of_older_records_is_that_of_their_tags) {
  a_.make();
  InstanceRecord old = a_.record();
  old.origin.reset();
  old = *a_.run(a_.store().put_instance(old));
  EXPECT_EQ(a_.provision(nullptr, kubernetes("other")).error().kind, ErrorKind::conflict);
  EXPECT_EQ(a_.record().origin, std::nullopt);
  EXPECT_EQ(a_.provision()->outcome, osb::Outcome::unchanged);
  ASSERT_TRUE(a_.record().origin);
  EXPECT_EQ(a_.record().origin->name_space, "n");
  EXPECT_EQ(a_.record().origin->space_guid, "s");
  old = a_.record();
  old.origin.reset();
  old.stack_input.erase("tags");  // as the Go broker's
  ASSERT_TRUE(a_.run(a_.store().put_instance(old)));
  EXPECT_EQ(a_.bind(kubernetes("other")).error().kind, ErrorKind::conflict);
  EXPECT_EQ(a_.update({{"DelaySeconds", 9}}, kubernetes("other")).error().kind, ErrorKind::conflict);
}

TEST_F(Ownership, passes_to_the_namespace_that_adopts_it_with_the_stacks_tags) {
  a_.make();
  json::object context = kubernetes("new");
  context["adopted_from"] = {{"namespace", "wrong"}};
  EXPECT_EQ(a_.provision(nullptr, context, "new space").error().kind, ErrorKind::conflict);
  context["adopted_from"] = {{"namespace", "n"}};
  EXPECT_EQ(a_.provision({{"DelaySeconds", 9}}, context, "new space").error().kind, ErrorKind::conflict);
  const auto adopted = a_.provision(nullptr, context, "new space");
  ASSERT_TRUE(adopted) << adopted.error().message;
  EXPECT_EQ(adopted->outcome, osb::Outcome::in_progress);
  const auto again = a_.provision(nullptr, context, "new space");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->outcome, osb::Outcome::in_progress);
  EXPECT_EQ(again->operation, adopted->operation);
  EXPECT_EQ(a_.settled(adopted->operation).state, osb::OperationState::succeeded);
  EXPECT_THAT(stack().stack.tags, Contains(Pair(namespace_tag, "new")));
  EXPECT_THAT(stack().stack.tags, Contains(Pair(instance_tag, "i1")));
  EXPECT_EQ(a_.bind(kubernetes("n")).error().kind, ErrorKind::conflict);
  EXPECT_TRUE(a_.bind(kubernetes("new")));
  EXPECT_EQ(a_.provision(nullptr, context, "new space")->outcome, osb::Outcome::unchanged);
}

TEST_F(Ownership, passes_where_no_platform_polls_for_what_was_under_way) {
  ASSERT_TRUE(a_.provision());
  json::object context = kubernetes("new");
  context["adopted_from"] = {{"namespace", "n"}};
  core::Result<osb::ProvisionResponse> adopted = core::fail(core::ErrorKind::internal, "");
  for (int tries = 0; tries < 10 && !adopted; ++tries) {
    adopted = a_.provision(nullptr, context, "new space");
    if (!adopted) {
      EXPECT_EQ(adopted.error().code, "ConcurrencyError");
    }
  }
  ASSERT_TRUE(adopted) << adopted.error().message;
  EXPECT_EQ(a_.settled(adopted->operation).state, osb::OperationState::succeeded);
  EXPECT_EQ(a_.record().origin->name_space, "new");
}

TEST_F(Ownership, passes_also_where_the_tags_cannot_follow_and_never_as_a_failure) {
  a_.make();
  cloud_.update_ends_with = "UPDATE_ROLLBACK_COMPLETE";
  json::object context = kubernetes("new");
  context["adopted_from"] = {{"namespace", "n"}};
  const auto adopted = a_.provision(nullptr, context);
  ASSERT_TRUE(adopted);
  const auto settled = a_.settled(adopted->operation);
  EXPECT_EQ(settled.state, osb::OperationState::succeeded) << "or the platform would delete it";
  EXPECT_THAT(settled.description, HasSubstr("tags"));
  EXPECT_EQ(a_.record().origin->name_space, "new");
}

TEST_F(Ownership, passes_without_the_stacks_tags_where_they_would_replace_what_holds_data) {
  std::string text = template_text;
  text.replace(text.find("Resources:"), 10, "Resources:\n  Cluster: { Type: AWS::MSK::ServerlessCluster }");
  OneBroker broker(io_, pool_, cloud_, "c", text);
  broker.make();
  json::object context = kubernetes("new");
  context["adopted_from"] = {{"namespace", "n"}};
  const auto adopted = broker.provision(nullptr, context, "new space");
  ASSERT_TRUE(adopted) << adopted.error().message;
  EXPECT_EQ(adopted->outcome, osb::Outcome::unchanged);
  EXPECT_THAT(cloud_.updates, IsEmpty());
  EXPECT_THAT(stack().stack.tags, Contains(Pair(namespace_tag, "n")));
  EXPECT_EQ(broker.record().origin->name_space, "new");
  EXPECT_TRUE(broker.bind(kubernetes("new")));
  EXPECT_EQ(broker.bind(kubernetes("n")).error().kind, ErrorKind::conflict);
}

// --- stacks that are found

TEST_F(Ownership, of_a_whole_stack_that_is_found_is_taken_up_at_once) {
  for (const char* status :
       {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"}) {
    SCOPED_TRACE(status);
    if (cloud_.stacks.empty()) a_.make();
    a_.lose_records();
    stack().stack.status = status;
    stack().polls_left = 1000;
    const auto found = a_.provision();
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->outcome, osb::Outcome::unchanged);
    EXPECT_TRUE(a_.record().adopted);
    EXPECT_EQ(a_.settled("provision").state, osb::OperationState::succeeded);
    EXPECT_TRUE(a_.bind());
    EXPECT_EQ(cloud_.stacks.size(), 1U);
  }
}

TEST_F(Ownership, of_a_stack_that_is_found_at_work_waits) {
  for (const char* status :
       {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "DELETE_IN_PROGRESS"}) {
    SCOPED_TRACE(status);
    if (cloud_.stacks.empty()) a_.make();
    a_.lose_records();
    stack().stack.status = status;
    stack().polls_left = 1000;
    const auto found = a_.provision();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, "ConcurrencyError") << "no platform removes anything after that";
    EXPECT_FALSE(a_.has_record());
  }
}

TEST_F(Ownership, of_a_broken_stack_that_is_found_is_told_with_a_way_out) {
  for (const char* status : {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED",
                             "UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED", "REVIEW_IN_PROGRESS"}) {
    SCOPED_TRACE(status);
    if (cloud_.stacks.empty()) a_.make();
    a_.lose_records();
    stack().stack.status = status;
    stack().polls_left = 1000;
    const auto found = a_.provision();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::conflict);
    EXPECT_THAT(found.error().message, HasSubstr(status));
    EXPECT_FALSE(a_.has_record());
    EXPECT_EQ(stack().stack.status, status);
  }
}

TEST_F(Ownership, of_a_stack_that_is_found_is_taken_up_with_what_the_stack_has) {
  a_.make();
  ASSERT_TRUE(a_.update({{"DelaySeconds", 5}}));
  ASSERT_EQ(a_.settled("update-1").state, osb::OperationState::succeeded);
  a_.lose_records();
  const auto other = a_.provision({{"DelaySeconds", 9}});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::conflict);
  EXPECT_THAT(other.error().message, HasSubstr("DelaySeconds is \"5\", but \"9\""));
  EXPECT_EQ(a_.provision().error().kind, ErrorKind::conflict)
      << "without parameters the default is asked for";
  EXPECT_FALSE(a_.has_record());
  ASSERT_TRUE(a_.provision({{"DelaySeconds", 5}}));
  const auto fetched =
      a_.run((*a_).fetch_instance({.instance_id = "i1", .service_id = {}, .plan_id = {}}, {}));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->parameters, json::value({{"DelaySeconds", 5}}));
  const auto updated = a_.update({{"DelaySeconds", 9}});
  ASSERT_TRUE(updated) << updated.error().message;
  EXPECT_EQ(updated->outcome, osb::Outcome::in_progress);
}

TEST_F(Ownership, of_a_stack_that_is_found_is_not_taken_up_for_a_plan_that_it_was_not_made_with) {
  ASSERT_TRUE(a_.provision({{"DelaySeconds", 5}}));
  ASSERT_EQ(a_.settled("provision").state, osb::OperationState::succeeded);
  a_.lose_records();
  const auto other = a_.provision(nullptr, kubernetes("n"), "s", "fixed");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::conflict);
  EXPECT_THAT(other.error().message, HasSubstr("DelaySeconds is \"5\", but \"3\""));
  EXPECT_FALSE(a_.has_record());
}

TEST_F(Ownership, of_a_stack_that_is_found_is_its_tags_namespaces) {
  a_.make();
  a_.lose_records();
  EXPECT_EQ(a_.provision(nullptr, kubernetes("other")).error().kind, ErrorKind::conflict);
  json::object context = kubernetes("new");
  context["adopted_from"] = {{"namespace", "other"}};
  EXPECT_EQ(a_.provision(nullptr, context).error().kind, ErrorKind::conflict);
  context["adopted_from"] = {{"namespace", "n"}};
  const auto adopted = a_.provision(nullptr, context);
  ASSERT_TRUE(adopted) << adopted.error().message;
  EXPECT_EQ(adopted->outcome, osb::Outcome::in_progress);
  EXPECT_EQ(a_.settled(adopted->operation).state, osb::OperationState::succeeded);
  EXPECT_THAT(stack().stack.tags, Contains(Pair(namespace_tag, "new")));
  EXPECT_EQ(a_.record().origin->name_space, "new");
}

// --- secrets of others

TEST_F(Ownership, of_a_secret_is_not_claimed_by_a_value_that_looks_like_a_reference) {
  a_.make();
  set_output("Echo", "ssm:/asb/aws-service-broker-s3-victim/secret-access-key");
  const auto bound = a_.bind();
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_EQ(text(bound, "ECHO"), "ssm:/asb/aws-service-broker-s3-victim/secret-access-key");
  EXPECT_THAT(cloud_.parameter_reads, IsEmpty());
  stack().stack.outputs.back().second = "secretsmanager:victim:SecretString";
  EXPECT_EQ(text(a_.bind(), "ECHO"), "secretsmanager:victim:SecretString");
  EXPECT_EQ(cloud_.secret_reads, 0);
}

TEST_F(Ownership, of_an_ssm_parameter_is_the_stacks_path_or_resource) {
  a_.make();
  cloud_.more_resources = {
      {.logical_id = "P",
       .physical_id = "stack-made",
       .type = "AWS::SSM::Parameter",
       .status = "CREATE_COMPLETE"},
      {.logical_id = "Maker",
       .physical_id = "AbCdEfGhIjKlMnOp",
       .type = "AWS::CloudFormation::CustomResource",
       .status = "CREATE_COMPLETE"},
      {.logical_id = "Short", .physical_id = "x", .type = "Custom::Maker", .status = "CREATE_COMPLETE"}};
  set_output("Password", "");
  for (const char* own : {"/asb/aws-service-broker-s3-i1/password", "stack-made", "stack-made:2",
                          "AsbPassword-AbCdEfGhIjKlMnOp"}) {
    stack().stack.outputs.back().second = "ssm:" + std::string(own);
    const auto bound = a_.bind();
    ASSERT_TRUE(bound) << bound.error().message;
    EXPECT_EQ(text(bound, "PASSWORD"), "value of " + std::string(own));
  }
  const std::size_t reads = cloud_.parameter_reads.size();
  for (const char* other : {"/asb/aws-service-broker-s3-i2/password", "/asb/aws-service-broker-s3-i1",
                            "/asb/aws-service-broker-s3-i1/", "/asb/aws-service-broker-s3-i10/a",
                            "asb/aws-service-broker-s3-i1/a", "other", "a-x", "AbCdEfGhIjKlMnOp",
                            "arn:aws:ssm:us-east-1:0:parameter/asb/aws-service-broker-s3-i1/a"}) {
    stack().stack.outputs.back().second = "ssm:" + std::string(other);
    const auto bound = a_.bind();
    ASSERT_FALSE(bound) << other;
    EXPECT_EQ(bound.error().kind, ErrorKind::invalid);
    EXPECT_THAT(bound.error().message, HasSubstr("The output Password"));
  }
  EXPECT_EQ(cloud_.parameter_reads.size(), reads);
}

TEST_F(Ownership, of_a_secret_is_the_stacks_by_resource_or_by_both_tags) {
  a_.make();
  const std::string arn = "arn:aws:secretsmanager:us-east-1:0:secret:db-AbCdEf";
  const std::string tagged = "arn:aws:secretsmanager:us-east-1:0:secret:made-AbCdEf";
  cloud_.more_resources = {{.logical_id = "S",
                            .physical_id = arn,
                            .type = "AWS::SecretsManager::Secret",
                            .status = "CREATE_COMPLETE"}};
  cloud_.secrets[{arn, ""}] = "hush";
  cloud_.secrets[{tagged, ""}] = "hush too";
  cloud_.secret_tags[tagged] = {{broker_tag, "a"}, {instance_tag, "i1"}};
  set_output("DbPassword", "");
  for (const auto& [id, value] :
       {std::pair<std::string, const char*>(arn, "hush"), {"db", "hush"}, {tagged, "hush too"}}) {
    stack().stack.outputs.back().second = "secretsmanager:" + id + ":SecretString";
    const auto bound = a_.bind();
    ASSERT_TRUE(bound) << bound.error().message;
    EXPECT_EQ(text(bound, "DB_PASSWORD"), value) << id;
  }
  const int reads = cloud_.secret_reads;
  const std::string victim = "arn:aws:secretsmanager:us-east-1:0:secret:victim-AbCdEf";
  cloud_.secrets[{victim, ""}] = "theirs";
  for (const auto& tags : {test::FakeCloud::Pairs{{broker_tag, "a"}, {instance_tag, "i2"}},
                           {{broker_tag, "b"}, {instance_tag, "i1"}},
                           {{instance_tag, "i1"}},
                           {}}) {
    cloud_.secret_tags[victim] = tags;
    stack().stack.outputs.back().second = "secretsmanager:" + victim + ":SecretString";
    const auto bound = a_.bind();
    ASSERT_FALSE(bound);
    EXPECT_EQ(bound.error().kind, ErrorKind::invalid);
    EXPECT_THAT(bound.error().message, Not(HasSubstr("theirs")));
  }
  stack().stack.outputs.back().second = "secretsmanager:unheard-of:SecretString";
  EXPECT_EQ(a_.bind().error().kind, ErrorKind::invalid) << "whether it is there is not told either";
  EXPECT_EQ(cloud_.secret_reads, reads);
}

TEST_F(Ownership, of_a_parameter_that_the_template_writes_in_full_is_the_authors_affair) {
  a_.make();
  set_output("Shared", "ssm:/shared/password");
  EXPECT_EQ(text(a_.bind(), "SHARED"), "value of /shared/password");
  stack().stack.outputs.back().second = "ssm:/other";
  EXPECT_EQ(a_.bind().error().kind, ErrorKind::invalid);
}

TEST_F(Ownership, of_secrets_is_not_reached_by_dynamic_references) {
  const json::value reference{
      {"Echoed", "{{resolve:ssm:/asb/aws-service-broker-s3-victim/secret-access-key}}"}};
  const auto refused = a_.provision(reference);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("Echoed"));
  EXPECT_FALSE(a_.provision({{"user_tags", R"([{"Key":"a","Value":"\u007b\u007bresolve:ssm:a}}"}])"}}));
  EXPECT_FALSE(a_.provision(nullptr, kubernetes("{{resolve:ssm:a}}")));
  EXPECT_THAT(cloud_.stacks, IsEmpty());
  a_.make();
  EXPECT_EQ(a_.update({{"DelaySeconds", "{{resolve:ssm:a}}"}}).error().kind, ErrorKind::invalid);
  EXPECT_THAT(cloud_.updates, IsEmpty());
}

}  // namespace
}  // namespace broker
