// Bindings: what is asked of AWS, rotation, lifetimes, and what goes on in the background.
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/event.hpp"
#include "broker/service_broker.hpp"
#include "broker/stack_tags.hpp"
#include "broker/store/sqlite_store.hpp"
#include "testing/manual_clock.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/fake_cloud.hpp"
#include "tests/unit/broker/world.hpp"

namespace broker {
namespace {

namespace json = boost::json;
using core::ErrorKind;
using osb::OperationState;
using osb::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::SizeIs;

constexpr const char* template_text = R"yaml(
Description: a bucket
Metadata:
  AWS::ServiceBroker::Specification:
    Name: s3
    BindViaLambda: LAMBDA
    ServicePlans:
      production: { Description: a plan }
Resources:
  AWSSBInjectedIAMUser: { Type: AWS::IAM::User }
)yaml";

class Bindings : public testing::Test {
 protected:
  Bindings() { restart(); }

  void restart() {
    if (tasks_) {
      tasks_->cancel();
      run(tasks_->join());
    }
    broker_.reset();
    tasks_ = std::make_unique<async::TaskGroup>(io_.get_executor());
    broker_ = std::make_unique<ServiceBroker>(options_, nullptr, *store_, cloud_, sealer_, clock_, *tasks_);
    std::string text = template_text;
    text.replace(text.find("LAMBDA"), 6, via_lambda_ ? "true" : "false");
    TemplateSet templates;
    templates.templates.push_back(std::make_shared<const Template>(*parse_template(text, "test")));
    broker_->use_catalog(std::make_shared<const Catalog>(ids_, std::move(templates), CatalogOptions{}));
    ASSERT_TRUE(run(broker_->resume()));
  }
  void bind_via_lambda() {
    via_lambda_ = true;
    restart();
    cloud_.lambda_answer = R"({"user":"u"})";
  }
  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  // The function answers when finish_background() is called.
  void hold_function() {
    gates_.push_back(std::make_unique<async::Event>(io_.get_executor()));
    cloud_.before_lambda = [gate = gates_.back().get()] { return gate->wait(); };
  }
  // Until what goes on in the background has ended.
  void finish_background() {
    cloud_.before_lambda = nullptr;
    for (const auto& gate : gates_) gate->notify();
    run(tasks_->join());
  }

  void make_instance(const std::string& id = "i1") {
    osb::ProvisionRequest request{.instance_id = id, .service_id = service_, .plan_id = plan_};
    request.accepts_incomplete = true;
    ASSERT_TRUE(run(broker_->provision(request, {})));
    const osb::LastOperationRequest poll{.instance_id = id, .operation = "provision"};
    while (run(broker_->last_operation(poll, {}))->state == OperationState::in_progress) {
    }
    cloud_.stacks.begin()->second.stack.outputs.emplace_back("BindLambda", "function");
  }
  core::Result<osb::BindResponse> bind(const std::string& id = "b1", bool accepts_incomplete = false) {
    osb::BindRequest request = request_;
    request.binding_id = id;
    request.accepts_incomplete = accepts_incomplete;
    return run(broker_->bind(request, {}));
  }
  async::Task<> bind_into(core::Result<osb::BindResponse>& answer) {
    osb::BindRequest request = request_;
    request.binding_id = "b1";
    answer = co_await broker_->bind(request, {});
  }
  core::Result<osb::BindResponse> rotate(const std::string& predecessor, const std::string& id) {
    osb::BindRequest request{.instance_id = request_.instance_id, .binding_id = id};
    request.predecessor_binding_id = predecessor;
    return run(broker_->bind(request, {}));
  }
  core::Result<osb::UnbindResponse> unbind(const std::string& id = "b1", bool accepts_incomplete = false) {
    return run(broker_->unbind({.instance_id = "i1",
                                .binding_id = id,
                                .service_id = service_,
                                .plan_id = plan_,
                                .accepts_incomplete = accepts_incomplete},
                               {}));
  }
  core::Result<osb::FetchBindingResponse> fetch(const std::string& id = "b1") {
    return run(broker_->fetch_binding({.instance_id = "i1", .binding_id = id}, {}));
  }
  core::Result<osb::LastOperationResponse> last_operation(const std::string& operation) {
    return run(
        broker_->last_operation({.instance_id = "i1", .binding_id = "b1", .operation = operation}, {}));
  }
  void expect_refused(const core::Result<osb::BindResponse>& answer, ErrorKind kind, const char* said) {
    ASSERT_FALSE(answer) << said;
    EXPECT_EQ(answer.error().kind, kind) << answer.error().message;
    EXPECT_THAT(answer.error().message, HasSubstr(said));
  }

  boost::asio::io_context io_{1};
  async::BlockingPool pool_{1};
  std::unique_ptr<SqliteStore> store_ = *SqliteStore::open(pool_, ":memory:");
  test::FakeCloud cloud_;
  Ids ids_ = *Ids::make("000000000000", "awsservicebroker");
  std::string service_ = ids_.class_id("s3");
  std::string plan_ = ids_.plan_id("s3", "production");
  osb::BindRequest request_{.instance_id = "i1", .service_id = service_, .plan_id = plan_};
  core::Sealer sealer_ = core::Sealer::ephemeral();
  fakes::ManualClock clock_{io_.get_executor()};
  std::vector<std::unique_ptr<async::Event>> gates_;
  BrokerOptions options_{.broker_id = "awsservicebroker", .account_id = "000000000000"};
  bool via_lambda_ = false;
  std::unique_ptr<async::TaskGroup> tasks_;
  std::unique_ptr<ServiceBroker> broker_;
};

constexpr const char* user = "aws-sb-binding-b1";

TEST_F(Bindings, are_refused_for_what_is_not_the_instances) {
  make_instance();
  request_.plan_id = "another";
  expect_refused(bind(), ErrorKind::invalid, "plan another");
  request_.plan_id = plan_;
  request_.service_id = "another";
  expect_refused(bind(), ErrorKind::invalid, "service another");
  request_.service_id = service_;
  request_.instance_id = "nowhere";
  expect_refused(bind(), ErrorKind::invalid, "no instance nowhere");
  EXPECT_THAT(*run(store_->list_all_bindings()), IsEmpty());
}

TEST_F(Bindings, wait_for_the_instance) {
  osb::ProvisionRequest request{.instance_id = "i1", .service_id = service_, .plan_id = plan_};
  request.accepts_incomplete = true;
  ASSERT_TRUE(run(broker_->provision(request, {})));
  const auto early = bind();
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, "ConcurrencyError");
}

TEST_F(Bindings, keep_their_id_to_one_instance_and_one_set_of_parameters) {
  make_instance();
  ASSERT_TRUE(bind());
  EXPECT_EQ(bind()->outcome, Outcome::unchanged);
  cloud_.stacks.begin()->second.stack.outputs.emplace_back("PolicyArn", "arn:all");
  request_.parameters = {{"RoleName", "app"}};
  expect_refused(bind(), ErrorKind::conflict, "other parameters");
  request_.parameters = nullptr;
  make_instance("i2");
  request_.instance_id = "i2";
  expect_refused(bind(), ErrorKind::conflict, "another instance");
  EXPECT_FALSE(run(broker_->fetch_binding({.instance_id = "i2", .binding_id = "b1"}, {})));
}

TEST_F(Bindings, tell_of_no_binding_that_is_not_there) {
  make_instance();
  EXPECT_EQ(unbind().error().kind, ErrorKind::gone);
  EXPECT_EQ(fetch().error().kind, ErrorKind::not_found);
  EXPECT_EQ(last_operation("bind").error().kind, ErrorKind::not_found);
  EXPECT_EQ(last_operation("unbind").error().kind, ErrorKind::gone);
}

TEST_F(Bindings, get_a_new_key_where_the_old_one_can_no_longer_be_shown) {
  make_instance();
  const auto first = bind();
  ASSERT_TRUE(first);
  BindingRecord record = **run(store_->get_binding("b1"));
  record.sealed_secret_key = "sealed with another key";
  ASSERT_TRUE(run(store_->put_binding(record)));
  const auto second = bind();
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_NE(second->credentials, first->credentials);
  EXPECT_THAT(
      cloud_.users.at(user).keys,
      ElementsAre(Key(std::string(core::find_string(second->credentials, {"S3_AWS_ACCESS_KEY_ID"})))));
  EXPECT_EQ(fetch()->credentials, second->credentials);
}

TEST_F(Bindings, wait_until_iam_knows_the_new_user) {
  make_instance();
  cloud_.unknown_for = 3;
  core::Result<osb::BindResponse> bound = core::fail(ErrorKind::internal, "not yet");
  tasks_->spawn("bind", bind_into(bound));
  while (tasks_->size() > 0) {
    io_.restart();
    io_.run_one_for(std::chrono::milliseconds(100));
    if (clock_.sleeping() > 0) clock_.advance(std::chrono::seconds(10));
  }
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_EQ(cloud_.unknown_for, 0);
  EXPECT_THAT(cloud_.users.at(user).policies, SizeIs(1));
}

TEST_F(Bindings, to_a_role_that_is_not_there_are_the_users_to_mend) {
  make_instance();
  cloud_.stacks.begin()->second.stack.outputs.emplace_back("PolicyArn", "arn:all");
  request_.parameters = {{"RoleName", "app"}};
  cloud_.refuse_attach = core::Error{.kind = ErrorKind::not_found, .message = "no", .code = "NoSuchEntity"};
  expect_refused(bind(), ErrorKind::invalid, "There is no role app");
  EXPECT_FALSE(run(store_->get_binding("b1"))->has_value()) << "it leaves nothing";
  EXPECT_FALSE(cloud_.users.contains("aws-sb-binding-b1"));
}

TEST_F(Bindings, are_there_until_iam_has_removed_their_user) {
  make_instance();
  ASSERT_TRUE(bind());
  cloud_.still_full_for = 1;
  const auto refused = unbind();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().retryable()) << "the platform asks again: " << refused.error().message;
  EXPECT_TRUE(cloud_.users.contains("aws-sb-binding-b1"));
  EXPECT_TRUE(run(store_->get_binding("b1"))->has_value()) << "it is not forgotten";
  ASSERT_TRUE(unbind());
  EXPECT_FALSE(cloud_.users.contains("aws-sb-binding-b1"));
  EXPECT_EQ(unbind().error().kind, ErrorKind::gone);
}

TEST_F(Bindings, that_are_half_removed_are_removed_by_who_asks_for_them_again) {
  make_instance();
  ASSERT_TRUE(bind());
  cloud_.still_full_for = 1;
  ASSERT_FALSE(unbind());
  const auto busy = bind();
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code, "ConcurrencyError") << busy.error().message;
  EXPECT_FALSE(cloud_.users.contains("aws-sb-binding-b1"));
  EXPECT_TRUE(bind()) << "nothing is in the way any more";
}

TEST_F(Bindings, follow_the_policies_of_their_stacks_user) {
  make_instance();
  ASSERT_TRUE(bind());
  auto& model = cloud_.users.at(cloud_.stacks.begin()->second.stack.name + "-user");
  model.policies = {{"New", R"({"Statement":[1]})"}};
  BindingUsers users("awsservicebroker", *store_, sealer_, clock_);
  const InstanceRecord instance = **run(store_->get_instance("i1"));
  ASSERT_TRUE(run(users.copy_policies(cloud_, instance, **run(store_->get_binding("b1")))));
  EXPECT_EQ(cloud_.users.at(user).policies, model.policies);
}

TEST_F(Bindings, are_made_in_the_role_of_their_instance) {
  options_.role_bindings = *RoleBindings::parse(
      "rules: [{accountId: '111111111111', roleName: r, externalId: x, regions: [eu-west-1]}]");
  restart();
  make_instance();
  options_.role_bindings = {};
  restart();
  ASSERT_TRUE(bind());
  EXPECT_EQ(
      cloud_.last_placement,
      (Placement{.region = "eu-west-1", .role_arn = "arn:aws:iam::111111111111:role/r", .external_id = "x"}));
}

TEST_F(Bindings, are_rotated_with_the_parameters_of_their_predecessor) {
  make_instance();
  cloud_.stacks.begin()->second.stack.outputs.emplace_back("PolicyArnRead", "arn:read");
  request_.parameters = {{"RoleName", "app"}, {"Scope", "Read"}};
  const auto old = bind("b1");
  ASSERT_TRUE(old) << old.error().message;
  const auto rotated = rotate("b1", "b2");
  ASSERT_TRUE(rotated) << rotated.error().message;
  EXPECT_EQ(rotated->outcome, Outcome::done);
  EXPECT_NE(rotated->credentials, old->credentials);
  EXPECT_EQ(fetch("b2")->parameters, request_.parameters);
  EXPECT_EQ(fetch("b1")->credentials, old->credentials) << "both are valid";

  ASSERT_TRUE(unbind("b1"));
  EXPECT_FALSE(cloud_.users.contains(user));
  EXPECT_EQ(fetch("b2")->credentials, rotated->credentials);
  const auto again = rotate("b1", "b2");
  ASSERT_TRUE(again) << "the predecessor need not be there any more";
  EXPECT_EQ(again->outcome, Outcome::unchanged);
  expect_refused(rotate("b3", "b2"), ErrorKind::conflict, "b2");
}

TEST_F(Bindings, have_predecessors_of_the_same_instance_only) {
  make_instance();
  make_instance("i2");
  ASSERT_TRUE(bind("b1"));
  expect_refused(rotate("b9", "b2"), ErrorKind::invalid, "b9");
  request_.instance_id = "i2";
  expect_refused(rotate("b1", "b2"), ErrorKind::invalid, "b1");
}

TEST_F(Bindings, that_share_their_keys_are_not_rotated) {
  options_.binding_credentials = BindingCredentials::shared;
  restart();
  make_instance();
  ASSERT_TRUE(bind("b1"));
  expect_refused(rotate("b1", "b2"), ErrorKind::invalid, "rotated");
}

TEST_F(Bindings, end_with_their_lifetime) {
  options_.binding_lifetime = std::chrono::hours(10);
  restart();
  make_instance();
  const auto bound = bind();
  ASSERT_TRUE(bound);
  const json::value metadata{{"expires_at", "2026-01-31T20:00:00.0Z"},
                             {"renew_before", "2026-01-31T18:00:00.0Z"}};
  EXPECT_EQ(bound->metadata, metadata);
  EXPECT_EQ(fetch()->metadata, metadata);
  EXPECT_EQ(bind()->metadata, metadata);

  clock_.advance(std::chrono::hours(10));
  EXPECT_EQ(fetch().error().kind, ErrorKind::not_found);
  expect_refused(bind(), ErrorKind::conflict, "expired");
  expect_refused(rotate("b1", "b2"), ErrorKind::invalid, "expired");
  EXPECT_THAT(cloud_.users, testing::Contains(Key(user))) << "nobody has looked yet";
  restart();
  tasks_->spawn("expiry", broker_->revoke_expired_bindings());
  while (run(store_->get_binding("b1"))->value().phase != BindingPhase::expired) {
    if (clock_.sleeping() > 0) clock_.advance(std::chrono::minutes(1));
  }
  EXPECT_FALSE(cloud_.users.contains(user));
  EXPECT_EQ(run(store_->get_binding("b1"))->value().sealed_secret_key, "");
  expect_refused(bind(), ErrorKind::conflict, "expired");
  EXPECT_TRUE(unbind());
  EXPECT_EQ(unbind().error().kind, ErrorKind::gone);
  tasks_->cancel();
  finish_background();
}

TEST_F(Bindings, are_made_in_the_background_where_a_function_may_be_slow) {
  bind_via_lambda();
  make_instance();
  hold_function();
  const auto accepted = bind("b1", true);
  ASSERT_TRUE(accepted) << accepted.error().message;
  EXPECT_EQ(accepted->outcome, Outcome::in_progress);
  EXPECT_EQ(accepted->operation, "bind");
  EXPECT_TRUE(accepted->credentials.is_null());
  EXPECT_EQ(bind("b1", true)->outcome, Outcome::in_progress);
  EXPECT_EQ(bind("b1").error().code, "ConcurrencyError");
  EXPECT_EQ(unbind().error().code, "ConcurrencyError");
  EXPECT_EQ(fetch().error().kind, ErrorKind::not_found);
  EXPECT_EQ(last_operation("bind")->state, OperationState::in_progress);
  finish_background();
  EXPECT_EQ(last_operation("bind")->state, OperationState::succeeded);
  EXPECT_EQ(last_operation("bind")->state, OperationState::succeeded);
  EXPECT_EQ(fetch()->credentials, json::value({{"user", "u"}}));
  EXPECT_EQ(bind("b1", true)->outcome, Outcome::unchanged);
  EXPECT_THAT(cloud_.lambda_payloads, SizeIs(1)) << "the function is asked once";

  hold_function();
  EXPECT_EQ(unbind("b1", true)->outcome, Outcome::in_progress);
  EXPECT_EQ(unbind("b1", true)->operation, "unbind");
  EXPECT_EQ(bind("b1", true).error().code, "ConcurrencyError");
  EXPECT_EQ(last_operation("unbind")->state, OperationState::in_progress);
  finish_background();
  EXPECT_EQ(last_operation("unbind").error().kind, ErrorKind::gone);
  EXPECT_FALSE(cloud_.users.contains(user));
  EXPECT_THAT(cloud_.lambda_payloads, SizeIs(2));
}

TEST_F(Bindings, tell_in_the_functions_words_why_they_failed_and_can_be_begun_anew) {
  bind_via_lambda();
  make_instance();
  cloud_.lambda_answer = R"({"errorMessage":"no such schema"})";
  ASSERT_TRUE(bind("b1", true));
  finish_background();
  EXPECT_EQ(last_operation("bind")->state, OperationState::failed);
  EXPECT_THAT(last_operation("bind")->description, HasSubstr("no such schema"));
  EXPECT_EQ(fetch().error().kind, ErrorKind::not_found);
  cloud_.lambda_answer = R"({"user":"u"})";
  EXPECT_EQ(bind("b1", true)->outcome, Outcome::in_progress);
  finish_background();
  EXPECT_EQ(last_operation("bind")->state, OperationState::succeeded);

  cloud_.lambda_answer = R"({"errorMessage":"still in use"})";
  ASSERT_TRUE(unbind("b1", true));
  finish_background();
  EXPECT_EQ(last_operation("unbind")->state, OperationState::failed);
  EXPECT_THAT(last_operation("unbind")->description, HasSubstr("still in use"));
  cloud_.lambda_answer = "{}";
  ASSERT_TRUE(unbind("b1", true));
  finish_background();
  EXPECT_EQ(last_operation("unbind").error().kind, ErrorKind::gone);
}

TEST_F(Bindings, that_were_promised_are_made_after_a_crash) {
  bind_via_lambda();
  make_instance();
  hold_function();
  ASSERT_TRUE(bind("b1", true));
  restart();
  EXPECT_EQ(last_operation("bind")->state, OperationState::in_progress);
  finish_background();
  EXPECT_EQ(last_operation("bind")->state, OperationState::succeeded);
  hold_function();
  ASSERT_TRUE(unbind("b1", true));
  restart();
  finish_background();
  EXPECT_THAT(*run(store_->list_all_bindings()), IsEmpty());
  EXPECT_FALSE(cloud_.users.contains(user));
}

TEST_F(Bindings, of_a_replica_that_died_are_taken_up_by_a_poll) {
  bind_via_lambda();
  make_instance();
  hold_function();
  ASSERT_TRUE(bind("b1", true));
  tasks_->cancel();
  run(tasks_->join());
  broker_.reset();
  tasks_ = std::make_unique<async::TaskGroup>(io_.get_executor());
  broker_ = std::make_unique<ServiceBroker>(options_, nullptr, *store_, cloud_, sealer_, clock_, *tasks_);
  EXPECT_EQ(last_operation("bind")->state, OperationState::in_progress);
  EXPECT_EQ(tasks_->size(), 0U) << "it may still be at work";
  clock_.advance(std::chrono::minutes(30));
  hold_function();
  EXPECT_EQ(last_operation("bind")->state, OperationState::in_progress);
  finish_background();
  EXPECT_EQ(last_operation("bind")->state, OperationState::succeeded);
}

TEST_F(Bindings, leave_nothing_where_the_function_refuses_while_the_platform_waits) {
  bind_via_lambda();
  make_instance();
  cloud_.lambda_answer = R"({"errorMessage":"no such schema"})";
  expect_refused(bind(), ErrorKind::invalid, "no such schema");
  EXPECT_FALSE(cloud_.users.contains(user));
  EXPECT_THAT(*run(store_->list_all_bindings()), IsEmpty());
}

TEST_F(Bindings, that_a_function_does_not_end_do_not_keep_their_instance) {
  bind_via_lambda();
  make_instance();
  ASSERT_TRUE(bind());
  cloud_.lambda_answer = R"({"errorMessage":"broken"})";
  EXPECT_THAT(unbind().error().message, HasSubstr("broken"));
  const osb::DeprovisionRequest request{
      .instance_id = "i1", .service_id = service_, .plan_id = plan_, .accepts_incomplete = true};
  const auto deleted = run(broker_->deprovision(request, {}));
  ASSERT_TRUE(deleted) << deleted.error().message;
  EXPECT_FALSE(cloud_.users.contains(user));
  EXPECT_THAT(*run(store_->list_all_bindings()), IsEmpty());
}

TEST_F(Bindings, are_not_ended_as_long_as_the_function_cannot_be_told) {
  bind_via_lambda();
  make_instance();
  ASSERT_TRUE(bind());
  auto& stack = cloud_.stacks.begin()->second.stack;
  const auto tags = std::exchange(stack.tags, {{broker_tag, "test"}, {instance_tag, "another"}});
  const std::size_t told = cloud_.lambda_payloads.size();
  const auto refused = unbind();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("tags"));
  EXPECT_EQ(cloud_.lambda_payloads.size(), told);
  EXPECT_THAT(*run(store_->list_all_bindings()), SizeIs(1));
  EXPECT_TRUE(cloud_.users.contains(user));
  stack.tags = tags;
  EXPECT_TRUE(unbind());
  EXPECT_EQ(cloud_.lambda_payloads.size(), told + 1);
}

TEST_F(Bindings, are_refused_at_once_where_the_tags_of_a_user_may_not_be_read) {
  make_instance();
  cloud_.users[user];
  cloud_.refuse_user_tags =
      core::Error{.kind = ErrorKind::forbidden, .message = "no", .code = "AccessDenied"};
  expect_refused(bind(), ErrorKind::forbidden, "no");
  EXPECT_EQ(cloud_.tag_reads, 2) << "once to look, once to withdraw";
}

TEST_F(Bindings, keep_what_a_function_made_in_no_readable_form) {
  bind_via_lambda();
  make_instance();
  cloud_.lambda_answer = R"({"password":"hunter2"})";
  ASSERT_TRUE(bind());
  EXPECT_EQ(core::to_text(to_json(**run(store_->get_binding("b1")))).find("hunter2"), std::string::npos);
  EXPECT_EQ(core::find_string(fetch()->credentials, {"password"}), "hunter2");
}

// The process dies before and after every call of a bind and an unbind that go on in the background.
TEST(BackgroundBindings, survive_a_crash_at_any_call) {
  std::string text = template_text;
  text.replace(text.find("LAMBDA"), 6, "true");
  for (const auto fault : {test::Fault::crash_before, test::Fault::crash_after}) {
    int calls = 0;
    for (bool met = true; met; ++calls) {
      SCOPED_TRACE("call " + std::to_string(calls));
      test::World world(text.c_str());
      ASSERT_TRUE(world.provision());
      ASSERT_TRUE(world.poll_until_done("provision"));
      world.cloud.stacks.begin()->second.stack.outputs.emplace_back("BindLambda", "function");
      world.cloud.lambda_answer = R"({"user":"u"})";
      world.faults.at(calls, fault);
      ASSERT_TRUE(world.bind(true));
      world.finish_background();
      if (world.faults.met()) world.restart();
      world.finish_background();
      EXPECT_EQ(world.fetch_binding()->credentials, json::value({{"user", "u"}}));
      EXPECT_THAT(world.cloud.users.at(user).keys, SizeIs(1));

      std::ignore = world.unbind(true);
      world.finish_background();
      if (world.faults.met()) world.restart();
      world.finish_background();
      EXPECT_EQ(world.bindings(), 0U);
      EXPECT_FALSE(world.cloud.users.contains(user));
      met = world.faults.met();
    }
    EXPECT_GT(calls, 20);
  }
}

}  // namespace
}  // namespace broker
