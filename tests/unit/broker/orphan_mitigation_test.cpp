// A platform deletes what a provision may have left after an answer of 5xx. So an instance that is there is
// never answered for with one, whatever fails on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/world.hpp"

namespace broker::test {
namespace {

using core::ErrorKind;

// The kinds that osb answers with 5xx.
constexpr ErrorKind not_the_users[] = {ErrorKind::unauthenticated, ErrorKind::forbidden, ErrorKind::timeout,
                                       ErrorKind::unavailable,     ErrorKind::throttled, ErrorKind::protocol,
                                       ErrorKind::internal};

class OrphanMitigation : public testing::TestWithParam<ErrorKind> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(world_.provision());
    ASSERT_TRUE(world_.poll_until_done("provision"));
    made_ = world_.run(world_.store().get_instance("i1"))->value();
  }
  void change_record(const std::function<void(InstanceRecord&)>& change) {
    world_.lose_records();
    InstanceRecord record = made_;
    record.version = 0;
    change(record);
    ASSERT_TRUE(world_.run(world_.store().put_instance(std::move(record))));
  }
  // With the error at each call after the first, which reads the record.
  void provision_with_an_error_at_every_call(const std::function<void()>& before) {
    int call = 1;
    for (bool met = true; met; ++call) {
      SCOPED_TRACE("call " + std::to_string(call));
      world_.restart();
      before();
      world_.faults.at(call, core::Error{.kind = GetParam(), .message = "no", .code = "No"});
      const auto answer = world_.run(world_.broker().provision(world_.provision_request(), {}));
      met = world_.faults.met();
      world_.faults.disarm();
      if (answer) continue;
      const bool is_the_users =
          answer.error().kind == ErrorKind::invalid || answer.error().kind == ErrorKind::conflict;
      EXPECT_TRUE(is_the_users || answer.error().code == "ConcurrencyError") << answer.error().message;
    }
    EXPECT_GT(call, 2) << "there is a call to meet the error";
    EXPECT_EQ(world_.cloud.living_stacks(), 1U);
  }

  World world_;
  InstanceRecord made_;
};

TEST_P(OrphanMitigation, does_not_meet_an_instance_with_a_record) {
  provision_with_an_error_at_every_call(
      [this] { change_record([](InstanceRecord& record) { record.origin.reset(); }); });
}

TEST_P(OrphanMitigation, does_not_meet_an_instance_whose_record_has_no_tags) {
  provision_with_an_error_at_every_call([this] {
    change_record([](InstanceRecord& record) {
      record.origin.reset();
      record.stack_input.erase("tags");
    });
  });
}

TEST_P(OrphanMitigation, does_not_meet_a_stack_that_is_found) {
  provision_with_an_error_at_every_call([this] { world_.lose_records(); });
}

TEST_P(OrphanMitigation, does_not_meet_a_stack_that_an_older_record_may_have_found) {
  provision_with_an_error_at_every_call([this] {
    change_record([](InstanceRecord& record) {
      record.phase = InstancePhase::creating;
      record.stack_id.clear();
      record.stack_was_absent = false;
    });
  });
}

INSTANTIATE_TEST_SUITE_P(, OrphanMitigation, testing::ValuesIn(not_the_users),
                         [](const auto& each) { return std::string(core::to_string(each.param)); });

}  // namespace
}  // namespace broker::test
