// RFC 9110, 12.5.3 and 13.1.2.
#include "net/negotiation.hpp"

#include <gtest/gtest.h>

namespace net {
namespace {

TEST(AcceptEncoding, gives_gzip_only_to_who_takes_it_and_likes_it_no_less) {
  const struct {
    const char* header;
    bool gzip;
  } table[] = {
      {"gzip", true},
      {"GZIP", true},
      {"x-gzip", true},
      {"deflate, gzip;q=1.0, *;q=0.5", true},
      {"br;q=1.0, gzip;q=0.8, *;q=0.1", true},
      {"*", true},
      {"gzip;q=0.001", true},
      {" gzip ; q=0.5 ", true},
      {"gzip;Q=1", true},
      {"identity;q=0.5, gzip;q=0.5", true},
      {"gzip;level=9;q=0.2", true},
      {"", false},
      {"identity", false},
      {"br, deflate", false},
      {"gzip;q=0", false},
      {"gzip;q=0.000", false},
      {"*;q=0", false},
      {"gzip;q=0, *", false},
      {"identity, gzip;q=0.9", false},
      {"gzip;q=0.1, *;q=0.5", false},
      {"gzip;q=2", false},
      {"gzip;q=0.1234", false},
      {"gzip;q=", false},
      {"gzip;q=x", false},
      {"gzipped", false},
      {",,;;,=", false},
  };
  for (const auto& each : table)
    EXPECT_EQ(prefers_gzip({{"Accept-Encoding", each.header}}), each.gzip) << each.header;
  EXPECT_FALSE(prefers_gzip({}));
  EXPECT_TRUE(prefers_gzip({{"Accept-Encoding", "br"}, {"accept-encoding", "gzip"}}))
      << "two lines are a list";
}

TEST(IfNoneMatch, finds_the_tag_in_lists_and_compares_weakly) {
  const struct {
    const char* header;
    bool found;
  } table[] = {
      {R"("a")", true},        {R"(W/"a")", true},    {R"("x", "y,z" ,W/"a")", true},
      {R"("x","a")", true},    {R"(, "a")", true},    {"*", true},
      {" * ", true},           {"", false},           {"a", false},
      {R"("b")", false},       {R"("A")", false},     {R"("a)", false},
      {R"("x" a "a")", false}, {R"("x,"a"")", false}, {R"(w/"a")", false},
  };
  for (const auto& each : table)
    EXPECT_EQ(has_already({{"If-None-Match", each.header}}, R"("a")"), each.found) << each.header;
  EXPECT_FALSE(has_already({}, R"("a")"));
  EXPECT_TRUE(has_already({{"If-None-Match", R"("a")"}}, R"(W/"a")"));
  EXPECT_TRUE(has_already({{"If-None-Match", R"("x")"}, {"if-none-match", R"("a")"}}, R"("a")"));
}

}  // namespace
}  // namespace net
