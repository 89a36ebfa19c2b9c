// kill -9 before and after every effect of every operation, then a restart and the same request again:
// exactly one stack and one user for each instance and binding, and none after they are deleted.
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "broker/service_broker.hpp"
#include "broker/store/sqlite_store.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/fake_cloud.hpp"
#include "tests/unit/broker/faulty_store.hpp"

namespace {

using namespace broker;
using namespace broker::test;

constexpr const char* template_text = R"yaml(
Description: a bucket
Metadata:
  AWS::ServiceBroker::Specification:
    Name: s3
    ServicePlans:
      production: { Description: a plan }
Parameters:
  Secret: { Type: String, NoEcho: true, Default: "" }
Resources:
  AWSSBInjectedIAMUser: { Type: AWS::IAM::User }
)yaml";

class World {
 public:
  World() : cloud(faults), store_(*SqliteStore::open(pool_, ":memory:")), faulty_store_(*store_, faults) {
    TemplateSet templates;
    templates.templates.push_back(std::make_shared<const Template>(*parse_template(template_text, "test")));
    catalog_ = std::make_shared<const Catalog>(ids_, std::move(templates), CatalogOptions{});
    restart();
  }

  void restart() {
    faults.restart();
    broker_ = std::make_unique<ServiceBroker>(BrokerOptions{.broker_id = "test", .account_id = "0"}, catalog_,
                                              faulty_store_, cloud, sealer_, clock_);
    EXPECT_TRUE(run(broker_->resume()));
  }

  // Runs the request; where the process dies in it, restarts and sends it again.
  template <class Send>
  auto survive(const Send& send) {
    try {
      return run(send(*broker_));
    } catch (const Crash&) {
      restart();
      return run(send(*broker_));
    }
  }

  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }

  [[nodiscard]] core::Result<osb::ProvisionResponse> provision() {
    const osb::ProvisionRequest request{.instance_id = "i1",
                                        .service_id = service_id(),
                                        .plan_id = plan_id(),
                                        .organization_guid = "o",
                                        .space_guid = "s",
                                        .context = {},
                                        .parameters = parameters,
                                        .maintenance_info = {},
                                        .accepts_incomplete = true};
    return survive([&](ServiceBroker& broker) { return broker.provision(request, {}); });
  }
  [[nodiscard]] core::Result<osb::LastOperationResponse> poll_until_done(const std::string& operation) {
    const osb::LastOperationRequest request{.instance_id = "i1", .operation = operation};
    while (true) {
      auto answer = survive([&](ServiceBroker& broker) { return broker.last_operation(request, {}); });
      if (!answer || answer->state != osb::OperationState::in_progress) return answer;
    }
  }
  [[nodiscard]] core::Result<osb::BindResponse> bind() {
    const osb::BindRequest request{.instance_id = "i1",
                                   .binding_id = "b1",
                                   .service_id = service_id(),
                                   .plan_id = plan_id(),
                                   .context = {},
                                   .parameters = {},
                                   .bind_resource = {}};
    return survive([&](ServiceBroker& broker) { return broker.bind(request, {}); });
  }
  [[nodiscard]] core::Result<osb::UnbindResponse> unbind() {
    const osb::UnbindRequest request{
        .instance_id = "i1", .binding_id = "b1", .service_id = service_id(), .plan_id = plan_id()};
    return survive([&](ServiceBroker& broker) { return broker.unbind(request, {}); });
  }
  [[nodiscard]] core::Result<osb::DeprovisionResponse> deprovision() {
    const osb::DeprovisionRequest request{
        .instance_id = "i1", .service_id = service_id(), .plan_id = plan_id(), .accepts_incomplete = true};
    return survive([&](ServiceBroker& broker) { return broker.deprovision(request, {}); });
  }
  void lose_records() {
    for (InstanceRecord& record : *run(store_->list_instances()))
      ASSERT_TRUE(run(store_->remove_instance(std::move(record))));
  }
  [[nodiscard]] std::string service_id() const { return ids_.class_id("s3"); }
  [[nodiscard]] std::string plan_id() const { return ids_.plan_id("s3", "production"); }
  [[nodiscard]] std::size_t records() { return run(store_->list_instances())->size(); }
  [[nodiscard]] std::string stored_text() {
    return core::to_text(to_json(run(store_->list_instances())->at(0)));
  }

  FaultPoints faults;
  FakeCloud cloud;
  boost::json::value parameters;

 private:
  boost::asio::io_context io_{1};
  async::BlockingPool pool_{1};
  Ids ids_ = *Ids::make("0", "test");
  core::Sealer sealer_ = core::Sealer::ephemeral();
  async::SystemClock clock_;
  std::unique_ptr<SqliteStore> store_;
  FaultyStore faulty_store_;
  std::shared_ptr<const Catalog> catalog_;
  std::unique_ptr<ServiceBroker> broker_;
};

bool is_gone(const core::Result<osb::UnbindResponse>& answer) {
  return answer || answer.error().kind == core::ErrorKind::gone;
}

TEST(Crash, at_any_point_leaves_exactly_one_stack_and_one_user_and_nothing_after_deletion) {
  int points = 0;
  for (bool crashed = true; crashed; ++points) {
    SCOPED_TRACE("crash at point " + std::to_string(points));
    World world;
    world.faults.crash_at(points);
    ASSERT_TRUE(world.provision());
    const auto created = world.poll_until_done("provision");
    ASSERT_TRUE(created) << created.error().message;
    EXPECT_EQ(created->state, osb::OperationState::succeeded) << created->description;
    EXPECT_EQ(world.cloud.living_stacks(), 1U);

    const auto bound = world.bind();
    ASSERT_TRUE(bound) << bound.error().message;
    ASSERT_EQ(world.cloud.users.count("aws-sb-binding-b1"), 1U);
    const auto& user = world.cloud.users.at("aws-sb-binding-b1");
    ASSERT_EQ(user.keys.size(), 1U);
    EXPECT_EQ(user.policies.size(), 1U);
    EXPECT_EQ(core::find_string(bound->credentials, {"S3_AWS_ACCESS_KEY_ID"}), user.keys.begin()->first);
    EXPECT_EQ(core::find_string(bound->credentials, {"S3_AWS_SECRET_ACCESS_KEY"}), user.keys.begin()->second);
    EXPECT_EQ(world.bind()->credentials, bound->credentials) << "a repeated bind shows the same credentials";

    EXPECT_TRUE(is_gone(world.unbind()));
    EXPECT_EQ(world.cloud.users.count("aws-sb-binding-b1"), 0U);
    EXPECT_TRUE(is_gone(world.deprovision()));
    const auto deleted = world.poll_until_done("deprovision");
    EXPECT_TRUE(deleted ? deleted->state == osb::OperationState::succeeded
                        : deleted.error().kind == core::ErrorKind::gone);
    EXPECT_EQ(world.cloud.living_stacks(), 0U);
    EXPECT_TRUE(world.cloud.users.empty());
    EXPECT_EQ(world.records(), 0U);
    crashed = world.faults.crashed();
  }
  EXPECT_GT(points, 30) << "the loop must have met the effects of every operation";
}

TEST(Provision, answers_202_until_the_stack_is_complete_and_200_after) {
  World world;
  EXPECT_EQ(world.provision()->outcome, osb::Outcome::in_progress);
  EXPECT_EQ(world.provision()->outcome, osb::Outcome::in_progress);
  ASSERT_TRUE(world.poll_until_done("provision"));
  EXPECT_EQ(world.provision()->outcome, osb::Outcome::unchanged);
  EXPECT_EQ(world.cloud.living_stacks(), 1U);
}

TEST(Provision, refuses_other_parameters_under_the_same_id) {
  World world;
  ASSERT_TRUE(world.provision());
  world.parameters = boost::json::object{{"Secret", "x"}};
  const auto answer = world.provision();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, core::ErrorKind::conflict);
}

TEST(Provision, refuses_an_unknown_parameter_in_the_words_that_users_know) {
  World world;
  world.parameters = boost::json::object{{"Colour", "blue"}};
  const auto answer = world.provision();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, core::ErrorKind::invalid);
  EXPECT_EQ(answer.error().message, "The parameter Colour is not available.");
  EXPECT_EQ(world.records(), 0U);
}

TEST(Provision, gives_cloudformations_words_for_what_it_will_never_accept_and_keeps_no_record) {
  World world;
  world.cloud.refuse_create = core::Error{.kind = core::ErrorKind::invalid,
                                          .message = "ValidationError: bad template",
                                          .code = "ValidationError"};
  const auto answer = world.provision();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, core::ErrorKind::invalid);
  EXPECT_NE(answer.error().message.find("bad template"), std::string::npos);
  EXPECT_EQ(world.records(), 0U);
}

TEST(Provision, never_stores_a_secret_parameter_in_clear) {
  World world;
  world.parameters = boost::json::object{{"Secret", "hunter2"}};
  ASSERT_TRUE(world.provision());
  EXPECT_EQ(world.stored_text().find("hunter2"), std::string::npos);
  EXPECT_EQ(world.cloud.stacks.begin()->second.stack.parameters.at(0).second, "hunter2");
}

TEST(LastOperation, tells_the_first_cause_of_a_failure_without_what_was_only_cancelled) {
  World world;
  world.cloud.create_ends_with = "ROLLBACK_COMPLETE";
  ASSERT_TRUE(world.provision());
  const auto answer = world.poll_until_done("provision");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->state, osb::OperationState::failed);
  EXPECT_EQ(answer->description, "A: bucket name is taken");
}

TEST(Deprovision, stops_a_creation_under_way) {
  World world;
  ASSERT_TRUE(world.provision());
  ASSERT_TRUE(world.deprovision());
  ASSERT_TRUE(world.poll_until_done("deprovision"));
  EXPECT_EQ(world.cloud.living_stacks(), 0U);
}

TEST(Deprovision, finds_the_stack_of_an_instance_whose_record_was_lost) {
  World world;
  ASSERT_TRUE(world.provision());
  world.lose_records();
  ASSERT_TRUE(world.deprovision());
  ASSERT_TRUE(world.poll_until_done("deprovision"));
  EXPECT_EQ(world.cloud.living_stacks(), 0U);
}

TEST(Deprovision, says_gone_where_there_is_nothing) {
  World world;
  const auto answer = world.deprovision();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, core::ErrorKind::gone);
}

TEST(Deprovision, removes_the_users_of_bindings_that_the_platform_forgot) {
  World world;
  ASSERT_TRUE(world.provision());
  ASSERT_TRUE(world.poll_until_done("provision"));
  ASSERT_TRUE(world.bind());
  ASSERT_TRUE(world.deprovision());
  ASSERT_TRUE(world.poll_until_done("deprovision"));
  EXPECT_TRUE(world.cloud.users.empty());
}

}  // namespace
