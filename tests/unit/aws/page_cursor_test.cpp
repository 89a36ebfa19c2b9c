#include "aws/page_cursor.hpp"

#include <gtest/gtest.h>

namespace aws {
namespace {

TEST(PageCursor, goes_from_page_to_page_until_none_is_named) {
  PageCursor pages;
  EXPECT_EQ(pages.token(), "");
  EXPECT_TRUE(pages.advance("second").value());
  EXPECT_EQ(pages.token(), "second");
  EXPECT_TRUE(pages.advance("third").value());
  EXPECT_FALSE(pages.advance("").value());
}

TEST(PageCursor, refuses_a_list_that_never_ends) {
  PageCursor pages;
  EXPECT_TRUE(pages.advance("again").value());
  const auto goes_on = pages.advance("again");
  ASSERT_FALSE(goes_on);
  EXPECT_EQ(goes_on.error().kind, core::ErrorKind::protocol);
}

}  // namespace
}  // namespace aws
