#include "core/gzip.hpp"

#include <gtest/gtest.h>

#include "core/hash.hpp"

namespace core {
namespace {

constexpr std::size_t most = 200'000;

TEST(Gzip, is_what_it_was_when_it_is_unpacked) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i);
  for (const std::string& each : {std::string(), std::string("a"), text})
    EXPECT_EQ(gunzip(gzip(each), most), each);
  EXPECT_LT(gzip(text).size(), text.size() / 2);
  EXPECT_EQ(gzip(text), gzip(text)) << "no time stands in it";
}

TEST(Gzip, unpacks_what_others_have_packed) {
  // printf hello | gzip -n | base64
  const auto packed = base64_decode("H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==");
  ASSERT_TRUE(packed);
  EXPECT_EQ(gunzip(*packed, 5), "hello");
}

TEST(Gzip, unpacks_nothing_that_is_damaged_or_of_more_than_is_wanted) {
  const std::string packed = gzip(std::string(1000, 'a'));
  EXPECT_EQ(gunzip(packed, 1000), std::string(1000, 'a'));
  std::string damaged = packed;
  damaged[damaged.size() - 6] ^= 1;  // in the checksum
  EXPECT_EQ(gunzip(packed, 999).error().kind, ErrorKind::invalid);
  for (const std::string& each :
       {damaged, packed.substr(0, packed.size() - 1), std::string(), std::string("no")})
    EXPECT_EQ(gunzip(each, most).error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace core
