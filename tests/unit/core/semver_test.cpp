#include "core/semver.hpp"

#include <gtest/gtest.h>

namespace core {
namespace {

TEST(SemanticVersion, is_what_the_specification_says) {
  for (const char* version : {"0.0.0", "1.2.3", "10.20.30", "1.0.0-alpha.1", "1.0.0-0A.is.legal",
                              "1.0.0+0a1b2c", "1.0.0-rc.1+build.1", "1.0.0+001"})
    EXPECT_TRUE(is_semantic_version(version)) << version;
  for (const char* text : {"", "1", "1.2", "1.2.3.4", "01.2.3", "1.02.3", "v1.2.3", "1.2.3-", "1.2.3-01",
                           "1.2.3+", "1.2.3+a+b", "1.2.3 ", "1.2.3-\u00e9", "a.b.c", "-1.0.0"})
    EXPECT_FALSE(is_semantic_version(text)) << text;
}

}  // namespace
}  // namespace core
