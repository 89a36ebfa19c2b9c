// The built-in templates; those of a folder or a bucket are tested under sources/.
#include "broker/template_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/sources/template_text.hpp"

namespace broker {
namespace {

using test::names_of;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(BuiltInTemplates, are_all_sound) {
  const TemplateSet set = load_built_in("");
  EXPECT_THAT(set.problems, IsEmpty());
  EXPECT_THAT(names_of(set), testing::IsSupersetOf({"dynamodb", "s3", "sqs"}));
  EXPECT_THAT(names_of(load_built_in("sqs")), ElementsAre("sqs"));
}

}  // namespace
}  // namespace broker
