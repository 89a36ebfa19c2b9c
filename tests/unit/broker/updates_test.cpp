// PATCH: the intent is recorded first, the old parameters are the truth until CloudFormation says otherwise,
// and a crash anywhere is answered by doing it again.
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/service_broker.hpp"
#include "broker/stack_tags.hpp"
#include "broker/store/sqlite_store.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/fake_cloud.hpp"
#include "tests/unit/broker/faulty_cloud.hpp"
#include "tests/unit/broker/faulty_store.hpp"

namespace broker {
namespace {

namespace json = boost::json;
using core::ErrorKind;
using osb::OperationState;
using osb::Outcome;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr const char* template_text = R"yaml(
Description: a bucket
Metadata:
  AWS::ServiceBroker::Specification:
    Name: s3
    UpdatableParameters: [Size, Password]
    ServicePlans:
      plain: { Description: a plan }
      large: { Description: a plan, ParameterDefaults: { Size: 100 } }
Parameters:
  Size: { Type: Number, Default: 5 }
  Password: { Type: String, NoEcho: true, Default: "" }
  Name: { Type: String, Default: n }
Resources:
  AWSSBInjectedIAMUser: { Type: AWS::IAM::User }
)yaml";

class Updates : public testing::Test {
 protected:
  Updates() {
    use_template(template_text);
    restart();
  }
  void use_template(const std::string& text) {
    TemplateSet templates;
    templates.templates.push_back(std::make_shared<const Template>(*parse_template(text, "test")));
    catalog_ = std::make_shared<const Catalog>(ids_, std::move(templates), CatalogOptions{});
    if (broker_) broker_->use_catalog(catalog_);
  }
  void restart() {
    faults_.disarm();
    broker_ = std::make_unique<ServiceBroker>(BrokerOptions{.broker_id = "test", .account_id = "0"}, catalog_,
                                              faulty_store_, faulty_cloud_, sealer_, clock_, tasks_);
    EXPECT_TRUE(run(broker_->resume()));
  }
  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  // Where the process dies in the request, it is restarted and the request is sent again.
  template <class Send>
  auto survive(const Send& send) {
    try {
      return run(send(*broker_));
    } catch (const test::Crash&) {
      restart();
      return run(send(*broker_));
    }
  }
  [[nodiscard]] std::string plan(const char* name) const { return ids_.plan_id("s3", name); }

  auto provision(const json::value& parameters, const char* plan_name = "plain") {
    osb::ProvisionRequest request{.instance_id = "i1", .service_id = service_, .plan_id = plan(plan_name)};
    request.parameters = parameters;
    request.context = {{"platform", "kubernetes"}, {"clusterid", "c"}, {"namespace", "n"}};
    request.accepts_incomplete = true;
    return survive([&](ServiceBroker& broker) { return broker.provision(request, {}); });
  }
  osb::UpdateRequest patch(const json::value& parameters) {
    osb::UpdateRequest request{.instance_id = "i1", .service_id = service_};
    request.parameters = parameters;
    request.accepts_incomplete = true;
    return request;
  }
  auto update(const osb::UpdateRequest& request) {
    return survive([&](ServiceBroker& broker) { return broker.update(request, {}); });
  }
  auto change(const json::object& parameters) { return update(patch(parameters)); }
  core::Result<osb::LastOperationResponse> poll(const std::string& operation) {
    const osb::LastOperationRequest request{.instance_id = "i1", .operation = operation};
    return survive([&](ServiceBroker& broker) { return broker.last_operation(request, {}); });
  }
  osb::LastOperationResponse poll_until_done(const std::string& operation) {
    while (true) {
      const auto answer = poll(operation);
      if (!answer) throw std::runtime_error(answer.error().message);
      if (answer->state != OperationState::in_progress) return *answer;
    }
  }
  void make_instance(const json::value& parameters = {{"Name", "mine"}, {"Password", "hunter2"}}) {
    ASSERT_TRUE(provision(parameters));
    ASSERT_EQ(poll_until_done("provision").state, OperationState::succeeded);
  }
  auto fetch() { return run(broker_->fetch_instance({.instance_id = "i1"}, {})); }
  InstanceRecord record() { return run(store_->get_instance("i1"))->value(); }
  aws::Stack& stack() { return cloud_.stacks.begin()->second.stack; }
  [[nodiscard]] std::string value_of(std::string_view parameter) {
    for (const auto& [name, value] : stack().parameters) {
      if (name == parameter) return value;
    }
    return "the template's own";
  }

  boost::asio::io_context io_{1};
  async::BlockingPool pool_{1};
  std::unique_ptr<SqliteStore> store_ = *SqliteStore::open(pool_, ":memory:");
  test::FaultPoints faults_;
  test::FaultyStore faulty_store_{*store_, faults_};
  test::FakeCloud cloud_;
  test::FaultyCloud faulty_cloud_{cloud_, faults_};
  Ids ids_ = *Ids::make("0", "test");
  std::string service_ = ids_.class_id("s3");
  core::Sealer sealer_ = core::Sealer::ephemeral();
  async::SystemClock clock_;
  async::TaskGroup tasks_{io_.get_executor()};
  std::shared_ptr<const Catalog> catalog_;
  std::unique_ptr<ServiceBroker> broker_;
};

TEST_F(Updates, change_a_parameter_through_cloudformation_and_keep_the_others) {
  make_instance();
  const auto answer = change({{"Size", 9}});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->outcome, Outcome::in_progress);
  EXPECT_EQ(answer->operation, "update-1");
  ASSERT_EQ(cloud_.updates.size(), 1U);
  const aws::StackInput& sent = cloud_.updates[0];
  EXPECT_EQ(sent.template_body, "") << "the stack stays on its template";
  EXPECT_THAT(sent.parameters, ElementsAre(Pair("Size", "9")));
  EXPECT_THAT(sent.unchanged_parameters, UnorderedElementsAre("Password", "Name"));
  EXPECT_THAT(sent.capabilities, ElementsAre("CAPABILITY_NAMED_IAM"));
  EXPECT_THAT(sent.tags, Contains(Pair(instance_tag, "i1")));
  EXPECT_FALSE(sent.client_request_token.empty());
  EXPECT_EQ(record().parameters.contains("Size"), false) << "not before it is done";

  EXPECT_EQ(poll_until_done("update-1").state, OperationState::succeeded);
  EXPECT_EQ(fetch()->parameters, json::value({{"Name", "mine"}, {"Size", 9}})) << "no secret is shown";
  EXPECT_EQ(provision({{"Size", 9}, {"Name", "mine"}, {"Password", "hunter2"}})->outcome, Outcome::unchanged);
  EXPECT_EQ(provision({{"Name", "mine"}, {"Password", "hunter2"}}).error().kind, ErrorKind::conflict);
}

TEST_F(Updates, bring_the_policies_of_the_stacks_user_to_the_users_of_bindings) {
  make_instance();
  osb::BindRequest request{.instance_id = "i1", .binding_id = "b1"};
  ASSERT_TRUE(run(broker_->bind(request, {})));
  const auto& policies = cloud_.users.at("aws-sb-binding-b1").policies;
  auto& model = cloud_.users.at(stack().name + "-user").policies;
  ASSERT_EQ(policies, model);
  model = {{"New", R"({"Statement":[1]})"}};
  ASSERT_TRUE(change({{"Size", 9}}));
  EXPECT_EQ(poll_until_done("update-1").state, OperationState::succeeded);
  EXPECT_EQ(policies, model);
}

TEST_F(Updates, end_also_where_the_tags_of_users_may_not_be_read) {
  make_instance();
  osb::BindRequest request{.instance_id = "i1", .binding_id = "b1"};
  ASSERT_TRUE(run(broker_->bind(request, {})));
  ASSERT_TRUE(change({{"Size", 9}}));
  cloud_.refuse_user_tags =
      core::Error{.kind = ErrorKind::forbidden, .message = "no", .code = "AccessDenied"};
  EXPECT_EQ(poll_until_done("update-1").state, OperationState::succeeded);
  EXPECT_EQ(value_of("Size"), "9");
  EXPECT_EQ(record().phase, InstancePhase::ready);
  EXPECT_TRUE(run(broker_->bind(request, {})));
}

TEST_F(Updates, in_progress_let_nothing_else_be_done_but_the_same_and_a_deletion) {
  make_instance();
  ASSERT_TRUE(change({{"Size", 9}}));
  cloud_.stacks.begin()->second.polls_left = 100;
  EXPECT_EQ(change({{"Size", 9}})->operation, "update-1");
  EXPECT_EQ(change({{"Size", 8}}).error().code, "ConcurrencyError");
  EXPECT_EQ(fetch().error().code, "ConcurrencyError");
  osb::BindRequest bind{.instance_id = "i1", .binding_id = "b1", .service_id = service_};
  EXPECT_EQ(run(broker_->bind(bind, {})).error().code, "ConcurrencyError");
  EXPECT_EQ(poll("provision")->state, OperationState::succeeded);
  EXPECT_EQ(cloud_.updates.size(), 1U);
}

TEST_F(Updates, that_change_nothing_are_done_at_once) {
  make_instance();
  for (const json::object& parameters : {json::object(), json::object{{"Name", "mine"}, {"Size", "5"}}}) {
    auto request = patch(parameters);
    request.accepts_incomplete = false;
    EXPECT_EQ(update(request)->outcome, Outcome::done);
  }
  EXPECT_THAT(cloud_.updates, IsEmpty());
}

TEST_F(Updates, that_cannot_be_are_refused_and_leave_nothing) {
  EXPECT_EQ(change({{"Size", 9}}).error().kind, ErrorKind::invalid) << "there is no instance";
  make_instance();
  EXPECT_THAT(change({{"Name", "yours"}}).error().message, HasSubstr("these can: Size, Password"));
  auto request = patch({{"Size", 9}});
  request.accepts_incomplete = false;
  EXPECT_EQ(update(request).error().code, "AsyncRequired");
  request.plan_id = "nowhere";
  EXPECT_THAT(update(request).error().message, HasSubstr("nowhere"));
  request = patch({{"Size", 9}});
  request.service_id = "another";
  EXPECT_EQ(update(request).error().kind, ErrorKind::invalid);
  EXPECT_THAT(cloud_.updates, IsEmpty());
  EXPECT_EQ(record().phase, InstancePhase::ready);
}

TEST_F(Updates, that_cloudformation_rolls_back_leave_the_old_parameters_as_the_truth) {
  make_instance();
  cloud_.update_ends_with = "UPDATE_ROLLBACK_COMPLETE";
  ASSERT_TRUE(change({{"Size", 9}}));
  const auto failed = poll_until_done("update-1");
  EXPECT_EQ(failed.state, OperationState::failed);
  EXPECT_THAT(failed.description, HasSubstr("bucket name is taken"));
  EXPECT_EQ(failed.instance_usable, true);
  EXPECT_EQ(failed.update_repeatable, true);
  EXPECT_EQ(fetch()->parameters, json::value({{"Name", "mine"}}));
  EXPECT_EQ(poll("")->state, OperationState::failed) << "the last operation is the update";

  cloud_.update_ends_with = "UPDATE_COMPLETE";
  EXPECT_EQ(change({{"Size", 9}})->operation, "update-2") << "the same again is a new try";
  EXPECT_EQ(poll_until_done("update-2").state, OperationState::succeeded);
  EXPECT_EQ(poll("update-1")->state, OperationState::failed) << "an outcome is not forgotten";
}

TEST_F(Updates, that_cloudformation_cannot_roll_back_are_repaired_by_the_next_one) {
  make_instance();
  cloud_.update_ends_with = "UPDATE_ROLLBACK_FAILED";
  ASSERT_TRUE(change({{"Size", 9}}));
  EXPECT_EQ(poll_until_done("update-1").instance_usable, false);

  cloud_.update_ends_with = "UPDATE_COMPLETE";
  EXPECT_EQ(change({{"Size", 8}})->operation, "update-2");
  EXPECT_EQ(stack().status, "UPDATE_ROLLBACK_IN_PROGRESS") << "CloudFormation has to finish that first";
  EXPECT_EQ(poll_until_done("update-2").state, OperationState::succeeded);
  EXPECT_EQ(value_of("Size"), "8");
}

TEST_F(Updates, end_where_a_rollback_fails_for_good) {
  make_instance();
  cloud_.update_ends_with = "UPDATE_ROLLBACK_FAILED";
  cloud_.rollback_ends_with = "UPDATE_ROLLBACK_FAILED";
  ASSERT_TRUE(change({{"Size", 9}}));
  poll_until_done("update-1");
  ASSERT_TRUE(change({{"Size", 8}}));
  const auto failed = poll_until_done("update-2");
  EXPECT_EQ(failed.state, OperationState::failed);
  EXPECT_EQ(failed.instance_usable, false);
}

TEST_F(Updates, that_are_no_updates_for_cloudformation_are_done_at_once) {
  make_instance();
  stack().parameters.emplace_back("Size", "9");  // changed by hand
  EXPECT_EQ(change({{"Size", 9}})->outcome, Outcome::done);
  EXPECT_EQ(fetch()->parameters, json::value({{"Name", "mine"}, {"Size", 9}}));
}

TEST_F(Updates, that_cloudformation_refuses_give_its_words) {
  make_instance();
  cloud_.refuse_update = core::Error{
      .kind = ErrorKind::invalid, .message = "ValidationError: bad value", .code = "ValidationError"};
  const auto refused = change({{"Size", 9}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("bad value"));
  EXPECT_EQ(record().phase, InstancePhase::ready);
}

TEST_F(Updates, that_are_throttled_can_be_given_up_for_another) {
  make_instance();
  cloud_.refuse_update = core::Error{.kind = ErrorKind::throttled, .message = "slow down"};
  EXPECT_EQ(change({{"Size", 9}}).error().kind, ErrorKind::throttled);
  cloud_.refuse_update.reset();
  EXPECT_TRUE(change({{"Size", 8}}));
  EXPECT_EQ(value_of("Size"), "8");
}

TEST_F(Updates, that_got_no_answer_are_sent_again_by_the_next_poll) {
  make_instance();
  cloud_.refuse_update = core::Error{.kind = ErrorKind::timeout, .message = "no answer"};
  EXPECT_EQ(change({{"Size", 9}}).error().kind, ErrorKind::timeout);
  cloud_.refuse_update.reset();
  EXPECT_EQ(poll_until_done("").state, OperationState::succeeded);
  EXPECT_EQ(value_of("Size"), "9");
}

TEST_F(Updates, that_began_without_an_answer_are_seen_to_their_end) {
  for (const bool takes_repeated : {false, true}) {
    for (const char* end : {"UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}) {
      SCOPED_TRACE(std::string(end) + (takes_repeated ? ", the token is taken again" : ""));
      cloud_.takes_repeated_updates = takes_repeated;
      cloud_.update_ends_with = end;
      cloud_.loses_update_answer = true;
      const bool succeeds = cloud_.update_ends_with == "UPDATE_COMPLETE";
      if (cloud_.stacks.empty()) make_instance();
      const std::string before = value_of("Size");
      const std::string wanted = before == "9" ? "10" : "9";
      EXPECT_EQ(change({{"Size", std::stoi(wanted)}}).error().kind, ErrorKind::timeout);
      const std::string operation = record().update->operation;
      core::Result<osb::LastOperationResponse> answer;
      for (int polls = 0; polls < 20; ++polls) {
        answer = poll(operation);
        ASSERT_TRUE(answer) << answer.error().message;
        if (answer->state != OperationState::in_progress) break;
      }
      EXPECT_EQ(answer->state, succeeds ? OperationState::succeeded : OperationState::failed);
      EXPECT_EQ(value_of("Size"), succeeds ? wanted : before);
      EXPECT_EQ(record().phase, InstancePhase::ready);
    }
  }
}

TEST_F(Updates, that_may_have_begun_are_not_given_up_for_another) {
  make_instance();
  cloud_.loses_update_answer = true;
  EXPECT_EQ(change({{"Size", 9}}).error().kind, ErrorKind::timeout);
  stack().status = "UPDATE_COMPLETE";
  cloud_.refuse_update = core::Error{.kind = ErrorKind::throttled, .message = "slow down"};
  EXPECT_EQ(poll("").error().kind, ErrorKind::throttled);
  EXPECT_TRUE(record().update);
  cloud_.refuse_update.reset();
  EXPECT_EQ(poll_until_done("").state, OperationState::succeeded);
  EXPECT_EQ(json::serialize(record().parameters).find("\"Size\":9") != std::string::npos, true);
}

TEST_F(Updates, are_not_refused_where_the_brokers_own_credentials_are) {
  make_instance();
  cloud_.refuse_update =
      core::Error{.kind = ErrorKind::unauthenticated, .message = "expired", .code = "ExpiredToken"};
  EXPECT_EQ(change({{"Size", 9}}).error().kind, ErrorKind::unauthenticated);
  EXPECT_EQ(poll("").error().kind, ErrorKind::unauthenticated);
  cloud_.refuse_update.reset();
  EXPECT_EQ(poll_until_done("").state, OperationState::succeeded);
  EXPECT_EQ(value_of("Size"), "9");
}

TEST_F(Updates, change_the_plan_and_take_its_defaults) {
  make_instance();
  auto request = patch(nullptr);
  request.plan_id = plan("large");
  EXPECT_EQ(update(request)->outcome, Outcome::in_progress);
  EXPECT_EQ(record().plan_id, plan("plain"));
  EXPECT_EQ(update(request)->operation, "update-1");
  ASSERT_EQ(poll_until_done("update-1").state, OperationState::succeeded);
  EXPECT_EQ(value_of("Size"), "100");
  EXPECT_EQ(value_of("Name"), "mine");
  EXPECT_EQ(value_of("Password"), "hunter2");
  EXPECT_EQ(fetch()->plan_id, plan("large"));
  EXPECT_EQ(update(request)->outcome, Outcome::done);
}

TEST_F(Updates, of_the_context_tell_the_stacks_tags_only_what_nobody_knew) {
  osb::ProvisionRequest untold{.instance_id = "i1", .service_id = service_, .plan_id = plan("plain")};
  untold.accepts_incomplete = true;
  ASSERT_TRUE(run(broker_->provision(untold, {})));
  ASSERT_EQ(poll_until_done("provision").state, OperationState::succeeded);
  auto request = patch(nullptr);
  request.context = {{"platform", "kubernetes"}, {"clusterid", "c"}, {"namespace", "n"}};
  EXPECT_EQ(update(request)->outcome, Outcome::in_progress);
  EXPECT_THAT(stack().tags, Contains(Pair(namespace_tag, "n")));
  EXPECT_EQ(poll_until_done("update-1").state, OperationState::succeeded);
  EXPECT_EQ(update(request)->outcome, Outcome::done) << "nothing has changed";
  request.context = {{"platform", "kubernetes"}, {"clusterid", "c"}, {"namespace", "other"}};
  const auto refused = update(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(stack().tags, Contains(Pair(namespace_tag, "n")));
}

TEST_F(Updates, never_tell_a_secret_that_cloudformation_quotes) {
  make_instance();
  const json::object wanted{{"Password", "correct horse"}};
  cloud_.refuse_update = core::Error{.kind = ErrorKind::invalid,
                                     .message = "Value 'correct horse' at 'parameters.1' is not a match",
                                     .code = "ValidationError"};
  const auto refused = change(wanted);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("Value '***' at 'parameters.1' is not a match"));
  EXPECT_THAT(core::to_text(to_json(record())), testing::Not(HasSubstr("correct horse")));

  cloud_.refuse_update.reset();
  cloud_.update_ends_with = "UPDATE_ROLLBACK_COMPLETE";
  cloud_.failure = "not correct horse, and not hunter2 as before";
  ASSERT_TRUE(change(wanted));
  EXPECT_EQ(poll_until_done("update-2").description, "A: not ***, and not *** as before");
}

TEST_F(Updates, never_store_a_secret_in_clear) {
  make_instance();
  ASSERT_TRUE(change({{"Password", "correct horse"}}));
  EXPECT_THAT(core::to_text(to_json(record())), testing::Not(HasSubstr("correct horse")));
  ASSERT_EQ(poll_until_done("update-1").state, OperationState::succeeded);
  EXPECT_THAT(core::to_text(to_json(record())), testing::Not(HasSubstr("correct horse")));
  EXPECT_EQ(value_of("Password"), "correct horse");
}

TEST_F(Updates, do_not_pull_in_a_newer_template) {
  make_instance();
  std::string newer = template_text;
  newer.replace(newer.find("Default: 5"), 10, "Default: 6");
  use_template(newer);
  ASSERT_TRUE(change({{"Size", 9}}));
  EXPECT_EQ(cloud_.updates.at(0).template_body, "");
  ASSERT_EQ(poll_until_done("update-1").state, OperationState::succeeded);
}

TEST_F(Updates, give_way_to_a_deletion) {
  make_instance();
  ASSERT_TRUE(change({{"Size", 9}}));
  const osb::DeprovisionRequest request{
      .instance_id = "i1", .service_id = service_, .plan_id = plan("plain"), .accepts_incomplete = true};
  cloud_.stacks.begin()->second.polls_left = 3;  // the broker looks whose it is before it deletes it
  ASSERT_TRUE(run(broker_->deprovision(request, {})));
  EXPECT_EQ(stack().status, "UPDATE_ROLLBACK_IN_PROGRESS")
      << "CloudFormation deletes no stack that it updates";
  EXPECT_EQ(change({{"Size", 9}}).error().code, "ConcurrencyError");
  EXPECT_EQ(poll_until_done("deprovision").state, OperationState::succeeded);
  EXPECT_EQ(cloud_.living_stacks(), 0U);
}

TEST_F(Updates, take_a_newer_template_where_its_version_is_asked_for) {
  make_instance();
  const std::string made_of = catalog_->templates().templates[0]->maintenance_version;
  std::string newer = template_text;
  newer.replace(newer.find("Default: 5"), 10, "Default: 6");
  use_template(newer);
  const std::string version = catalog_->templates().templates[0]->maintenance_version;
  auto request = patch(nullptr);
  request.maintenance_info = {{"version", made_of}};
  EXPECT_EQ(update(request).error().code, "MaintenanceInfoConflict");
  request.maintenance_info = {{"version", version}, {"description", "whatever"}};
  EXPECT_EQ(update(request)->outcome, Outcome::in_progress);
  EXPECT_EQ(cloud_.updates.at(0).template_body, catalog_->templates().templates[0]->body);
  ASSERT_EQ(poll_until_done("update-1").state, OperationState::succeeded);
  EXPECT_EQ(core::find_string(fetch()->maintenance_info, {"version"}), version);
  EXPECT_EQ(update(request)->outcome, Outcome::done);
}

class UpdatesCrash : public Updates, public testing::WithParamInterface<test::Fault> {};

TEST_P(UpdatesCrash, at_any_call_leave_the_instance_as_it_was_wanted) {
  int calls = 0;
  for (bool met = true; met; ++calls) {
    SCOPED_TRACE("at call " + std::to_string(calls));
    cloud_.stacks.clear();
    cloud_.updates.clear();
    for (InstanceRecord& old : *run(store_->list_instances())) ASSERT_TRUE(run(store_->remove_instance(old)));
    make_instance();
    faults_.at(calls, GetParam());
    ASSERT_TRUE(change({{"Size", 9}}));
    EXPECT_EQ(poll_until_done("").state, OperationState::succeeded);
    met = faults_.met();
    faults_.disarm();
    EXPECT_EQ(cloud_.updates.size(), 1U);
    EXPECT_EQ(value_of("Size"), "9");
    EXPECT_EQ(fetch()->parameters, json::value({{"Name", "mine"}, {"Size", 9}}));
    EXPECT_EQ(change({{"Size", 9}})->outcome, Outcome::done);
  }
  EXPECT_GT(calls, 6) << "the loop must have met the intent, the act and the outcome";
}

INSTANTIATE_TEST_SUITE_P(Moments, UpdatesCrash,
                         testing::Values(test::Fault::crash_before, test::Fault::crash_after),
                         [](const auto& info) {
                           return info.param == test::Fault::crash_before ? "before_the_call"
                                                                          : "after_the_call";
                         });

}  // namespace
}  // namespace broker
