// Operations whose polls are answered by the poller.
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/service_broker.hpp"
#include "broker/store/sqlite_store.hpp"
#include "testing/manual_clock.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/fake_cloud.hpp"

namespace broker {
namespace {

using namespace std::chrono_literals;
using osb::OperationState;
using testing::HasSubstr;

constexpr const char* template_text = R"yaml(
Description: a bucket
Metadata:
  AWS::ServiceBroker::Specification:
    Name: s3
    UpdatableParameters: [Size]
    ServicePlans:
      production: { Description: a plan }
Parameters:
  Size: { Type: Number, Default: 5 }
Resources:
  Bucket: { Type: AWS::S3::Bucket }
)yaml";

class CountingCloud final : public test::FakeCloud {
 public:
  async::Task<core::Result<aws::Stack>> describe_stack(std::string stack) override {
    ++calls;
    return FakeCloud::describe_stack(std::move(stack));
  }
  async::Task<core::Result<aws::StackPage>> list_stacks_in_progress(std::string token) override {
    ++calls;
    return FakeCloud::list_stacks_in_progress(std::move(token));
  }
  async::Task<core::Result<std::vector<aws::StackResource>>> stack_resources(std::string stack) override {
    ++calls;
    return FakeCloud::stack_resources(std::move(stack));
  }
  int calls = 0;
};

class PolledOperations : public testing::Test {
 protected:
  PolledOperations() {
    TemplateSet templates;
    templates.templates.push_back(std::make_shared<const Template>(*parse_template(template_text, "test")));
    broker_.use_catalog(std::make_shared<const Catalog>(ids_, std::move(templates), CatalogOptions{}));
    broker_.use_poller(poller_);
  }
  ~PolledOperations() override {
    tasks_.cancel();
    fakes::run(io_, tasks_.join());
  }

  void provision(const std::string& id) {
    osb::ProvisionRequest request{
        .instance_id = id, .service_id = ids_.class_id("s3"), .plan_id = ids_.plan_id("s3", "production")};
    request.accepts_incomplete = true;
    ASSERT_TRUE(fakes::run(io_, broker_.provision(request, {})));
  }
  void update(const std::string& id, const boost::json::value& parameters) {
    osb::UpdateRequest request{.instance_id = id, .service_id = ids_.class_id("s3")};
    request.parameters = parameters;
    request.accepts_incomplete = true;
    ASSERT_TRUE(fakes::run(io_, broker_.update(request, {})));
  }
  void deprovision(const std::string& id) {
    const osb::DeprovisionRequest request{.instance_id = id,
                                          .service_id = ids_.class_id("s3"),
                                          .plan_id = ids_.plan_id("s3", "production"),
                                          .accepts_incomplete = true};
    ASSERT_TRUE(fakes::run(io_, broker_.deprovision(request, {})));
  }
  core::Result<osb::LastOperationResponse> poll(const std::string& id) {
    return fakes::run(io_, broker_.last_operation({.instance_id = id}, {}));
  }
  // The poller's calls are answered meanwhile.
  void pass(std::chrono::milliseconds duration) {
    clock_.advance(duration);
    do io_.restart();
    while (io_.poll() > 0);
  }
  core::Result<osb::LastOperationResponse> poll_until_settled(const std::string& id) {
    for (int polls = 0; polls < 100; ++polls) {
      auto answer = poll(id);
      if (!answer || answer->state != OperationState::in_progress) return answer;
      pass(100ms);
    }
    return core::fail(core::ErrorKind::timeout, "it did not settle");
  }

  boost::asio::io_context io_{1};
  fakes::ManualClock clock_{io_.get_executor()};
  async::BlockingPool pool_{1};
  std::unique_ptr<SqliteStore> store_ = *SqliteStore::open(pool_, ":memory:");
  CountingCloud cloud_;
  Ids ids_ = *Ids::make("000000000000", "awsservicebroker");
  core::Sealer sealer_ = core::Sealer::ephemeral();
  async::TaskGroup tasks_{io_.get_executor()};
  StackPoller poller_{cloud_, clock_, io_.get_executor(), tasks_};
  ServiceBroker broker_{{.broker_id = "awsservicebroker", .account_id = "000000000000"},
                        nullptr,
                        *store_,
                        cloud_,
                        sealer_,
                        clock_,
                        tasks_};
};

TEST_F(PolledOperations, end_as_their_stacks_do) {
  provision("i1");
  const auto created = poll_until_settled("i1");
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_EQ(created->state, OperationState::succeeded);
  cloud_.polls_of_deletion = 1000;
  deprovision("i1");
  EXPECT_EQ(poll("i1")->state, OperationState::in_progress) << "what was known was of the creation";
  for (auto& [id, each] : cloud_.stacks) each.polls_left = 1;
  const auto deleted = poll_until_settled("i1");
  EXPECT_TRUE(!deleted || deleted->state == OperationState::succeeded);
  const int calls = cloud_.calls;
  for (int polls = 0; polls < 5; ++polls) {
    EXPECT_EQ(poll("i1").error().kind, core::ErrorKind::not_found);
    pass(1s);
  }
  EXPECT_EQ(cloud_.calls, calls) << "nobody asks for what has ended";
}

TEST_F(PolledOperations, fail_as_their_stacks_do) {
  cloud_.create_ends_with = "ROLLBACK_COMPLETE";
  provision("i1");
  const auto created = poll_until_settled("i1");
  ASSERT_TRUE(created);
  EXPECT_EQ(created->state, OperationState::failed);
  EXPECT_THAT(created->description, HasSubstr("bucket name is taken"));
}

TEST_F(PolledOperations, tell_their_progress_for_five_calls_a_second_however_many_there_are) {
  constexpr int count = 30;
  for (int number = 0; number < count; ++number) provision("i" + std::to_string(number));
  for (auto& [id, each] : cloud_.stacks) each.polls_left = 1000;
  cloud_.calls = 0;  // each provision has looked once for a stack that may be there
  std::string description;
  for (int polls = 0; polls < 200; ++polls) {
    for (int number = 0; number < count; ++number) {
      const auto answer = poll("i" + std::to_string(number));
      ASSERT_TRUE(answer) << answer.error().message;
      ASSERT_EQ(answer->state, OperationState::in_progress);
      if (number == 3) description = answer->description;
    }
    pass(100ms);
  }
  EXPECT_LE(cloud_.calls, 5 * 20 + 5);
  EXPECT_THAT(description, HasSubstr("1 of 1 resources created"));
}

TEST_F(PolledOperations, tell_how_far_an_update_is) {
  provision("i1");
  ASSERT_EQ(poll_until_settled("i1")->state, OperationState::succeeded);
  update("i1", {{"Size", 9}});
  for (auto& [id, each] : cloud_.stacks) each.polls_left = 1000;
  const auto resource = [](const char* name, const char* status, const char* changed) {
    return aws::StackResource{
        .logical_id = name, .physical_id = {}, .type = {}, .status = status, .changed = changed};
  };
  cloud_.more_resources = {resource("Bucket", "UPDATE_COMPLETE", "2026-01-01T00:00:05Z"),
                           resource("Policy", "UPDATE_IN_PROGRESS", "2026-01-01T00:00:06Z"),
                           resource("Topic", "CREATE_COMPLETE", "2025-12-31T23:59:59Z")};
  EXPECT_EQ(poll("i1")->description, "The stack is being updated") << "before CloudFormation was asked";
  std::string description;
  for (int polls = 0; polls < 100; ++polls) {
    pass(100ms);
    const auto answer = poll("i1");
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->state, OperationState::in_progress);
    description = answer->description;
  }
  EXPECT_EQ(description, "1 of 4 resources updated; updating Policy");
}

}  // namespace
}  // namespace broker
