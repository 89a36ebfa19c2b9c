#include "osb/auth.hpp"

#include <gtest/gtest.h>

#include "core/hash.hpp"

namespace osb {
namespace {

bool accepts(const BasicAuthenticator& authenticator, std::string header) {
  return authenticator.accepts({{"Authorization", std::move(header)}});
}

std::string basic(std::string_view credentials) {
  return "Basic " + core::base64_encode(credentials);
}

TEST(BasicAuthenticator, accepts_each_of_its_users_with_their_own_password) {
  const BasicAuthenticator authenticator({{.name = "a", .password = "1"},
                                          {.name = "b", .password = "with:colon"},
                                          {.name = "jörg", .password = "pässword"},
                                          {.name = "empty", .password = ""}});
  for (const char* good : {"a:1", "b:with:colon", "jörg:pässword", "empty:"})
    EXPECT_TRUE(accepts(authenticator, basic(good))) << good;
  for (const char* bad : {"a:with:colon", "b:1", "a:", ":1", "a:1 ", " a:1", "A:1", "a:11", "a", "", ":",
                          "empty", "c:1", "b:with"})
    EXPECT_FALSE(accepts(authenticator, basic(bad))) << bad;
}

TEST(BasicAuthenticator, takes_the_scheme_s_name_in_any_case) {
  const BasicAuthenticator authenticator({{.name = "a", .password = "1"}});
  const std::string credentials = core::base64_encode("a:1");
  for (const char* scheme : {"Basic ", "basic ", "BASIC ", "bAsIc "})
    EXPECT_TRUE(accepts(authenticator, scheme + credentials)) << scheme;
  EXPECT_TRUE(authenticator.accepts({{"authorization", "Basic " + credentials}}));
}

TEST(BasicAuthenticator, refuses_a_header_that_is_missing_or_garbled) {
  const BasicAuthenticator authenticator({{.name = "a", .password = "1"}});
  EXPECT_FALSE(authenticator.accepts({}));
  const std::string credentials = core::base64_encode("a:1");
  for (const std::string& header :
       {std::string(), std::string("B"), std::string("Basic"), std::string("Basic "),
        std::string("Basic !!!"), "Bearer " + credentials, "Basic" + credentials, "Basic\t" + credentials,
        "Digest " + credentials, credentials, "Basic " + credentials + "=",
        "Basic " + credentials + ", Basic " + credentials, std::string("Basic a:1"),
        "Basic " + std::string(100'000, 'A')}) {
    EXPECT_FALSE(accepts(authenticator, header)) << header.substr(0, 60);
  }
}

TEST(BasicAuthenticator, goes_by_the_first_of_two_headers) {
  const BasicAuthenticator authenticator({{.name = "a", .password = "1"}});
  EXPECT_FALSE(authenticator.accepts({{"Authorization", basic("a:2")}, {"Authorization", basic("a:1")}}));
}

TEST(BasicAuthenticator, without_users_accepts_nobody) {
  const BasicAuthenticator authenticator({});
  for (const char* any : {"", ":", "a:1"}) EXPECT_FALSE(accepts(authenticator, basic(any)));
  EXPECT_FALSE(authenticator.accepts({}));
}

}  // namespace
}  // namespace osb
