// Where a person finds a stack.
#include "broker/console_url.hpp"

#include <gtest/gtest.h>

namespace broker {
namespace {

TEST(ConsoleUrl, is_of_the_stacks_partition_and_region) {
  EXPECT_EQ(console_url("arn:aws:cloudformation:eu-west-1:123456789012:stack/a-b/1-2"),
            "https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/stackinfo?"
            "stackId=arn%3Aaws%3Acloudformation%3Aeu-west-1%3A123456789012%3Astack%2Fa-b%2F1-2");
  EXPECT_TRUE(console_url("arn:aws-cn:cloudformation:cn-north-1:1:stack/a/1")
                  .starts_with("https://cn-north-1.console.amazonaws.cn/"));
  EXPECT_TRUE(console_url("arn:aws-us-gov:cloudformation:us-gov-west-1:1:stack/a/1")
                  .starts_with("https://us-gov-west-1.console.amazonaws-us-gov.com/"));
}

TEST(ConsoleUrl, is_none_where_the_stack_is_not_known) {
  for (const char* id : {"", "a-name", "arn:aws:s3:::bucket", "arn:aws:cloudformation:us-east-1"})
    EXPECT_EQ(console_url(id), "") << id;
}

}  // namespace
}  // namespace broker
