// Digests, encodings, UUIDs, times: known values from their specifications.
#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "core/random.hpp"
#include "core/time.hpp"
#include "core/uuid.hpp"

namespace core {
namespace {

TEST(Hash, gives_the_known_digests) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  // RFC 4231, test case 2.
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Base64, is_strict) {
  // RFC 4648, section 10.
  const std::pair<const char*, const char*> rows[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : rows) {
    EXPECT_EQ(base64_encode(plain), encoded);
    EXPECT_EQ(base64_decode(encoded).value_or("?"), plain);
  }
  for (const char* wrong : {"Zg", "Zg=", "Z", "Zm9v\n", "Zm 9v", "=", "Zg==Zg==", "Z*=="})
    EXPECT_FALSE(base64_decode(wrong)) << wrong;
}

TEST(Percent, keeps_the_unreserved) {
  EXPECT_EQ(percent_encode("a-b_c.d~e f/ü"), "a-b_c.d~e%20f%2F%C3%BC");
  EXPECT_EQ(percent_encode("a/b", "/"), "a/b");
  EXPECT_EQ(percent_decode("a%20b+c").value_or("?"), "a b+c");
  for (const char* wrong : {"%", "%2", "%zz"}) EXPECT_FALSE(percent_decode(wrong)) << wrong;
}

TEST(ConstantTimeComparison, compares) {
  EXPECT_TRUE(equal_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_constant_time("secret", "secreT"));
  EXPECT_FALSE(equal_constant_time("secret", "secret1"));
  EXPECT_TRUE(equal_constant_time("", ""));
}

TEST(Random, differs) {
  EXPECT_EQ(random_bytes(32).size(), 32U);
  EXPECT_NE(random_hex(16), random_hex(16));
}

TEST(Uuid, of_a_name_is_the_rfc_s) {
  // RFC 9562, appendix A.4: www.example.com in the DNS namespace.
  const auto dns = *Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(Uuid::from_name(dns, "www.example.com").to_string(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(Uuid, is_parsed_strictly) {
  EXPECT_TRUE(Uuid::parse("6BA7B810-9DAD-11D1-80B4-00C04FD430C8"));
  for (const char* wrong : {"", "6ba7b810", "6ba7b810-9dad-11d1-80b4-00c04fd430c",
                            "6ba7b8109dad11d180b400c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430cg"})
    EXPECT_FALSE(Uuid::parse(wrong)) << wrong;
  EXPECT_EQ(Uuid::random().to_string().at(14), '4');
}

TEST(Time, is_written_and_read) {
  const SystemTime time{std::chrono::milliseconds(1769853600123)};
  EXPECT_EQ(to_rfc3339(time), "2026-01-31T10:00:00Z");
  EXPECT_EQ(to_rfc3339_micros(time), "2026-01-31T10:00:00.123000Z");
  EXPECT_EQ(to_rfc1123(time), "Sat, 31 Jan 2026 10:00:00 GMT");
  EXPECT_EQ(to_aws_basic(time), "20260131T100000Z");
  EXPECT_EQ(parse_rfc3339("2026-01-31T10:00:00.123Z"), time);
  EXPECT_EQ(parse_rfc3339("2026-01-31T12:00:00.123+02:00"), time);
  EXPECT_EQ(parse_rfc3339("2026-01-31T10:00:00.123456789Z"), time);
  for (const char* wrong :
       {"", "2026-01-31", "2026-13-31T10:00:00Z", "2026-01-31T10:00:00", "2026-02-30T10:00:00Z", "x"})
    EXPECT_FALSE(parse_rfc3339(wrong)) << wrong;
}

TEST(Duration, is_go_s) {
  using namespace std::chrono_literals;
  const std::pair<const char*, std::chrono::milliseconds> rows[] = {
      {"24h", 24h}, {"1h30m", 90min}, {"15m0s", 15min}, {"250ms", 250ms}, {"1.5s", 1500ms}, {"0", 0ms}};
  for (const auto& [text, duration] : rows) EXPECT_EQ(parse_duration(text).value_or(-1ms), duration) << text;
  for (const char* wrong : {"", "1", "h", "1d", "1h30", "abc", "99999999999999999h"})
    EXPECT_FALSE(parse_duration(wrong)) << wrong;
  EXPECT_EQ(to_duration_text(24h), "24h0m0s");
  EXPECT_EQ(to_duration_text(90s), "1m30s");
}

}  // namespace
}  // namespace core
