// What a crash left is taken up also where one of several places does not answer.
#include <gtest/gtest.h>

#include "tests/unit/broker/broker_in_accounts.hpp"

namespace broker {
namespace {

const core::Error silence{.kind = core::ErrorKind::timeout, .message = "no answer"};

// Instances "a" and "z", by whose ids they are taken up, in the region that is named with them.
class Resume : public test::BrokerInAccounts {
 protected:
  Resume() { start(); }
  auto provision(const std::string& id, const char* region) {
    osb::ProvisionRequest request{.instance_id = id};
    request.parameters = {{"region", region}};
    return BrokerInAccounts::provision(std::move(request));
  }
  void make(const std::string& id, const char* region) {
    ASSERT_TRUE(provision(id, region));
    poll(id, "provision");
    ASSERT_TRUE(run(broker_->bind({.instance_id = id, .binding_id = "of-" + id}, {})));
  }
  test::Account& in(const char* region) { return accounts_.at[{.region = region}]; }
  // Whether it has to be tried again.
  bool is_unfinished() {
    start();
    const auto resumed = run(broker_->resume());
    return !resumed && resumed.error().retryable();
  }
};

TEST_F(Resume, makes_the_stacks_of_other_places) {
  for (const char* region : {"eu-west-1", "us-west-2"}) in(region).refuse_create = silence;
  ASSERT_TRUE(provision("a", "eu-west-1").error().retryable());
  ASSERT_TRUE(provision("z", "us-west-2").error().retryable());
  in("us-west-2").refuse_create.reset();
  EXPECT_TRUE(is_unfinished());
  EXPECT_EQ(in("us-west-2").living_stacks(), 1U);
  in("eu-west-1").refuse_create.reset();
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
