// Deletions of what no record tells of: it is looked for wherever the administrator has the broker work.
#include <gtest/gtest.h>

#include "tests/unit/broker/broker_in_accounts.hpp"

namespace broker {
namespace {

using core::ErrorKind;

const Placement own;
const Placement theirs{.region = "eu-west-1", .role_arn = "arn:aws:iam::111111111111:role/r"};
const Placement others{.role_arn = "arn:aws:iam::222222222222:role/r"};

class Unrecorded : public test::BrokerInAccounts {
 protected:
  Unrecorded() {
    start(*RoleBindings::parse(R"yaml(
rules:
  - {namespaces: [others], accountId: "222222222222", roleName: r}
  - {namespaces: [theirs], accountId: "111111111111", roleName: r, regions: [eu-west-1]}
)yaml"));
  }
  // An instance and a binding of it, in the place that the namespace's rule names, and then no record of
  // them.
  void make_and_lose(const char* name_space) {
    osb::ProvisionRequest request{.instance_id = "i1"};
    request.context = {{"platform", "kubernetes"}, {"namespace", name_space}};
    ASSERT_TRUE(provision(std::move(request)));
    poll("i1", "provision");
    ASSERT_TRUE(run(broker_->bind({.instance_id = "i1", .binding_id = "b1"}, {})));
    ASSERT_TRUE(run(store_->remove_binding(run(store_->get_binding("b1"))->value())));
    ASSERT_TRUE(run(store_->remove_instance(run(store_->get_instance("i1"))->value())));
  }
};

TEST_F(Unrecorded, are_found_in_the_role_and_region_of_a_rule) {
  for (const auto& [name_space, place] :
       {std::pair("mine", own), std::pair("theirs", theirs), std::pair("others", others)}) {
    SCOPED_TRACE(name_space);
    make_and_lose(name_space);
    EXPECT_EQ(accounts_.at[place].living_stacks(), 1U);
    EXPECT_TRUE(accounts_.at[place].users.contains("aws-sb-binding-b1"));
    EXPECT_TRUE(unbind());
    EXPECT_FALSE(accounts_.at[place].users.contains("aws-sb-binding-b1"));
    EXPECT_EQ(deprovision()->outcome, osb::Outcome::in_progress);
    poll("i1", "deprovision");
    EXPECT_EQ(accounts_.at[place].living_stacks(), 0U);
    EXPECT_EQ(unbind().error().kind, ErrorKind::gone);
    EXPECT_EQ(deprovision().error().kind, ErrorKind::gone);
  }
}

TEST_F(Unrecorded, are_gone_where_only_a_role_that_is_refused_could_tell_otherwise) {
  accounts_.at[others].refusal =
      core::Error{.kind = ErrorKind::forbidden, .message = "no", .code = "AccessDenied"};
  EXPECT_EQ(unbind().error().kind, ErrorKind::gone);
  EXPECT_EQ(deprovision().error().kind, ErrorKind::gone);
  make_and_lose("theirs");
  EXPECT_TRUE(unbind()) << "the places after it are looked at";
  EXPECT_TRUE(deprovision());
}

TEST_F(Unrecorded, are_not_gone_as_long_as_a_place_does_not_answer) {
  accounts_.at[theirs].refusal = core::Error{.kind = ErrorKind::throttled, .message = "slow down"};
  EXPECT_TRUE(unbind().error().retryable());
  EXPECT_TRUE(deprovision().error().retryable());
  accounts_.at[theirs].refusal.reset();
  accounts_.at[own].refusal =
      core::Error{.kind = ErrorKind::forbidden, .message = "no", .code = "AccessDenied"};
  EXPECT_EQ(unbind().error().kind, ErrorKind::forbidden) << "its own policy is to be mended";
  EXPECT_EQ(deprovision().error().kind, ErrorKind::forbidden);
}

}  // namespace
}  // namespace broker
