// Templates that are too long for a request: from the bucket, under the same promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/world.hpp"

namespace broker {
namespace {

using core::ErrorKind;
using osb::OperationState;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class LongTemplate : public testing::Test {
 protected:
  void make_instance() {
    ASSERT_TRUE(world_.provision());
    ASSERT_EQ(world_.poll_until_done("provision")->state, OperationState::succeeded);
  }
  core::Result<osb::UpdateResponse> update(boost::json::value parameters,
                                           boost::json::value maintenance_info = {}) {
    return world_.run(world_.broker().update({.instance_id = "i1",
                                              .service_id = world_.service_id(),
                                              .plan_id = {},
                                              .context = {},
                                              .parameters = std::move(parameters),
                                              .previous_values = {},
                                              .maintenance_info = std::move(maintenance_info),
                                              .accepts_incomplete = true},
                                             {}));
  }
  std::shared_ptr<const Template> service() { return world_.templates().templates.at(0); }
  const test::FakeCloud::FakeStack& stack() { return world_.cloud.stacks.begin()->second; }

  static std::string text(const std::string& description = "a bucket") {
    std::string text = test::long_bucket_template();
    text.replace(text.find("a bucket"), 8, description);
    return text.replace(text.find("Name: s3"), 8, "Name: s3\n    UpdatableParameters: [Secret]");
  }

  test::World world_{text()};
};

TEST_F(LongTemplate, goes_by_the_bucket_as_it_is_pinned) {
  make_instance();
  EXPECT_EQ(world_.cloud.objects.size(), 1U);
  EXPECT_TRUE(stack().template_body == service()->body);
}

TEST_F(LongTemplate, is_not_sent_again_where_it_stays_the_same) {
  make_instance();
  world_.cloud.objects.clear();
  ASSERT_TRUE(update({{"Secret", "new"}}));
  EXPECT_EQ(world_.cloud.updates.at(0).template_url, "");
  EXPECT_EQ(world_.cloud.updates.at(0).template_body, "");
  EXPECT_EQ(world_.poll_until_done("update-1")->state, OperationState::succeeded);
  EXPECT_THAT(world_.cloud.objects, IsEmpty());
}

TEST_F(LongTemplate, is_sent_by_its_own_address_where_its_version_is_asked_for) {
  make_instance();
  world_.use_template(text("a better bucket"));
  ASSERT_TRUE(update({}, {{"version", service()->maintenance_version}}));
  EXPECT_EQ(world_.poll_until_done("update-1")->state, OperationState::succeeded);
  EXPECT_EQ(world_.cloud.objects.size(), 2U);
  EXPECT_TRUE(stack().template_body == service()->body);
}

TEST_F(LongTemplate, leaves_no_record_where_the_bucket_refuses_it) {
  world_.template_bucket.refuse = core::Error{.kind = ErrorKind::internal, .message = "AccessDenied"};
  const auto refused = world_.provision();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::internal) << "not the user's error";
  EXPECT_EQ(world_.instances(), 0U);
  EXPECT_EQ(world_.cloud.living_stacks(), 0U);
  world_.template_bucket.refuse.reset();
  make_instance();
}

TEST_F(LongTemplate, that_is_refused_in_an_update_leaves_the_instance_as_it_was) {
  make_instance();
  world_.use_template(text("a better bucket"));
  world_.template_bucket.refuse = core::Error{.kind = ErrorKind::internal, .message = "AccessDenied"};
  const boost::json::value version{{"version", service()->maintenance_version}};
  EXPECT_EQ(update({}, version).error().kind, ErrorKind::internal);
  EXPECT_THAT(world_.cloud.updates, IsEmpty());
  EXPECT_TRUE(update({{"Secret", "new"}})) << "the instance is free for another one";
}

TEST_F(LongTemplate, says_what_to_do_where_the_broker_has_no_bucket_any_more) {
  world_.restart_without_bucket();
  const auto refused = world_.provision();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::internal);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("s3"), HasSubstr("--s3Bucket")));
  EXPECT_EQ(world_.instances(), 0U);
}

}  // namespace
}  // namespace broker
