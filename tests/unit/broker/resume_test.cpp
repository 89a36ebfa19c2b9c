// What a crash left is taken up also where one of several places does not answer.
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/service_broker.hpp"
#include "broker/store/sqlite_store.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/accounts.hpp"
#include "tests/unit/broker/world.hpp"

namespace broker {
namespace {

const core::Error silence{.kind = core::ErrorKind::timeout, .message = "no answer"};

// Instances "a" and "z", by whose ids they are taken up, in the region that is named with them.
class Resume : public testing::Test {
 protected:
  Resume() { restart(); }
  void restart() {
    TemplateSet templates;
    templates.templates.push_back(
        std::make_shared<const Template>(*parse_template(test::bucket_template, "test")));
    broker_ = std::make_unique<ServiceBroker>(
        BrokerOptions{.broker_id = "test", .account_id = "0"},
        std::make_shared<const Catalog>(ids_, std::move(templates), CatalogOptions{}), *store_, accounts_,
        sealer_, clock_, tasks_);
  }
  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  auto provision(const std::string& id, const char* region) {
    osb::ProvisionRequest request{.instance_id = id, .service_id = service_, .plan_id = plan_};
    request.parameters = {{"region", region}};
    request.accepts_incomplete = true;
    return run(broker_->provision(request, {}));
  }
  void make(const std::string& id, const char* region) {
    ASSERT_TRUE(provision(id, region));
    const osb::LastOperationRequest poll{.instance_id = id, .operation = "provision"};
    while (run(broker_->last_operation(poll, {}))->state == osb::OperationState::in_progress) {
    }
    ASSERT_TRUE(run(broker_->bind({.instance_id = id, .binding_id = "of-" + id}, {})));
  }
  test::Account& in(const char* region) { return accounts_.at[{.region = region}]; }
  // Whether it has to be tried again.
  bool is_unfinished() {
    restart();
    const auto resumed = run(broker_->resume());
    return !resumed && resumed.error().retryable();
  }

  boost::asio::io_context io_{1};
  async::BlockingPool pool_{1};
  std::unique_ptr<SqliteStore> store_ = *SqliteStore::open(pool_, ":memory:");
  test::Accounts accounts_;
  Ids ids_ = *Ids::make("0", "test");
  std::string service_ = ids_.class_id("s3"), plan_ = ids_.plan_id("s3", "production");
  core::Sealer sealer_ = core::Sealer::ephemeral();
  async::SystemClock clock_;
  async::TaskGroup tasks_{io_.get_executor()};
  std::unique_ptr<ServiceBroker> broker_;
};

TEST_F(Resume, makes_the_stacks_of_other_places) {
  for (const char* region : {"eu-west-1", "us-west-2"}) in(region).refusal = silence;
  ASSERT_TRUE(provision("a", "eu-west-1").error().retryable());
  ASSERT_TRUE(provision("z", "us-west-2").error().retryable());
  in("us-west-2").refusal.reset();
  EXPECT_TRUE(is_unfinished());
  EXPECT_EQ(in("us-west-2").living_stacks(), 1U);
  in("eu-west-1").refusal.reset();
  EXPECT_FALSE(is_unfinished());
  EXPECT_EQ(in("eu-west-1").living_stacks(), 1U);
}

TEST_F(Resume, revokes_the_bindings_of_other_places) {
  for (const auto& [id, region] : {std::pair("a", "eu-west-1"), std::pair("z", "us-west-2")}) {
    make(id, region);
    in(region).refusal = silence;
    ASSERT_FALSE(run(broker_->unbind({.instance_id = id, .binding_id = "of-" + std::string(id)}, {})));
  }
  in("us-west-2").refusal.reset();
  EXPECT_TRUE(is_unfinished());
  EXPECT_FALSE(in("us-west-2").users.contains("aws-sb-binding-of-z"));
  EXPECT_TRUE(in("eu-west-1").users.contains("aws-sb-binding-of-a"));
  in("eu-west-1").refusal.reset();
  EXPECT_FALSE(is_unfinished());
  EXPECT_FALSE(in("eu-west-1").users.contains("aws-sb-binding-of-a"));
}

}  // namespace
}  // namespace broker
