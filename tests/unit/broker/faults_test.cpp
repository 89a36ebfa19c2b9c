// Every fault at every call of the whole life of an instance, each followed by the platform's own repetition:
// exactly one stack, one user and one key while they live, and nothing after they are deleted.
#include <gtest/gtest.h>

#include "tests/unit/broker/world.hpp"

namespace {

using namespace broker;
using namespace broker::test;

template <class Response>
bool is_gone(const core::Result<Response>& answer) {
  return answer || answer.error().kind == core::ErrorKind::gone;
}

void expect_one_instance(World& world) {
  ASSERT_TRUE(world.provision());
  const auto created = world.poll_until_done("provision");
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_EQ(created->state, osb::OperationState::succeeded) << created->description;
  EXPECT_EQ(world.cloud.living_stacks(), 1U);
}

void expect_one_user(World& world) {
  const auto bound = world.bind();
  ASSERT_TRUE(bound) << bound.error().message;
  ASSERT_EQ(world.cloud.users.count("aws-sb-binding-b1"), 1U);
  const auto& user = world.cloud.users.at("aws-sb-binding-b1");
  ASSERT_EQ(user.keys.size(), 1U);
  EXPECT_EQ(user.policies.size(), 1U);
  EXPECT_EQ(core::find_string(bound->credentials, {"S3_AWS_ACCESS_KEY_ID"}), user.keys.begin()->first);
  EXPECT_EQ(core::find_string(bound->credentials, {"S3_AWS_SECRET_ACCESS_KEY"}), user.keys.begin()->second);
  const auto fetched = world.fetch_binding();
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->credentials, bound->credentials);
  EXPECT_EQ(world.bind()->credentials, bound->credentials) << "a repeated bind shows the same credentials";
}

void expect_nothing_left(World& world) {
  const auto unbound = world.unbind();
  EXPECT_TRUE(is_gone(unbound)) << unbound.error().message;
  EXPECT_EQ(world.cloud.users.count("aws-sb-binding-b1"), 0U);
  const auto accepted = world.deprovision();
  EXPECT_TRUE(is_gone(accepted)) << accepted.error().message;
  const auto deleted = world.poll_until_done("deprovision");
  EXPECT_TRUE(deleted ? deleted->state == osb::OperationState::succeeded
                      : deleted.error().kind == core::ErrorKind::gone);
  EXPECT_EQ(world.cloud.living_stacks(), 0U);
  EXPECT_TRUE(world.cloud.users.empty());
  EXPECT_EQ(world.instances(), 0U);
  EXPECT_EQ(world.bindings(), 0U);
}

class Faults : public testing::TestWithParam<std::pair<const char*, Fault>> {
 protected:
  // How many calls there are, each of which met the fault.
  static int meet_everywhere(const std::string& template_text) {
    int calls = 0;
    for (bool met = true; met; ++calls) {
      SCOPED_TRACE("at call " + std::to_string(calls));
      World world(template_text);
      world.faults.at(calls, GetParam().second);
      expect_one_instance(world);
      expect_one_user(world);
      expect_nothing_left(world);
      met = world.faults.met();
    }
    return calls;
  }
};

TEST_P(Faults, at_any_call_leave_one_of_everything_and_nothing_after_deletion) {
  EXPECT_GT(meet_everywhere(bucket_template), 40) << "the calls of every operation must have been met";
}

TEST_P(Faults, at_any_call_do_so_too_where_the_template_goes_by_the_bucket) {
  EXPECT_GT(meet_everywhere(long_bucket_template()), 42) << "with two of the bucket";
}

INSTANTIATE_TEST_SUITE_P(, Faults,
                         testing::Values(std::pair("crash_before", Fault::crash_before),
                                         std::pair("crash_after", Fault::crash_after),
                                         std::pair("unavailable", Fault::unavailable),
                                         std::pair("throttled", Fault::throttled),
                                         std::pair("lost", Fault::lost),
                                         std::pair("repeated", Fault::repeated)),
                         [](const auto& chosen) { return std::string(chosen.param.first); });

}  // namespace
