#include "osb/basic_authenticator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/run.hpp"

namespace osb {
namespace {

using testing::HasSubstr;

std::optional<Caller> caller_of(BasicAuthenticator& authenticator, net::Headers headers) {
  boost::asio::io_context io;
  net::Request request;
  request.headers = std::move(headers);
  return *fakes::run(io, authenticator.authenticate(request));
}

bool accepts(BasicAuthenticator& authenticator, std::string header) {
  return caller_of(authenticator, {{"Authorization", std::move(header)}}).has_value();
}

std::string basic(std::string_view credentials) {
  return "Basic " + core::base64_encode(credentials);
}

TEST(BasicAuthenticator, accepts_each_of_its_users_with_their_own_password) {
  BasicAuthenticator authenticator({make_user("a", "1"), make_user("b", "with:colon"),
                                    make_user("jörg", "pässword"), make_user("empty", "")});
  for (const char* good : {"a:1", "b:with:colon", "jörg:pässword", "empty:"})
    EXPECT_TRUE(accepts(authenticator, basic(good))) << good;
  for (const char* bad : {"a:with:colon", "b:1", "a:", ":1", "a:1 ", " a:1", "A:1", "a:11", "a", "", ":",
                          "empty", "c:1", "b:with"})
    EXPECT_FALSE(accepts(authenticator, basic(bad))) << bad;
}

TEST(BasicAuthenticator, takes_the_scheme_s_name_in_any_case) {
  BasicAuthenticator authenticator({make_user("a", "1")});
  const std::string credentials = core::base64_encode("a:1");
  for (const char* scheme : {"Basic ", "basic ", "BASIC ", "bAsIc "})
    EXPECT_TRUE(accepts(authenticator, scheme + credentials)) << scheme;
  EXPECT_TRUE(caller_of(authenticator, {{"authorization", "Basic " + credentials}}));
}

TEST(BasicAuthenticator, refuses_a_header_that_is_missing_or_garbled) {
  BasicAuthenticator authenticator({make_user("a", "1")});
  EXPECT_FALSE(caller_of(authenticator, {}));
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
  BasicAuthenticator authenticator({make_user("a", "1")});
  EXPECT_FALSE(caller_of(authenticator, {{"Authorization", basic("a:2")}, {"Authorization", basic("a:1")}}));
}

TEST(BasicAuthenticator, without_users_accepts_nobody) {
  BasicAuthenticator authenticator({});
  for (const char* any : {"", ":", "a:1"}) EXPECT_FALSE(accepts(authenticator, basic(any)));
  EXPECT_FALSE(caller_of(authenticator, {}));
}

TEST(BasicAuthenticator, tells_who_it_is) {
  BasicAuthenticator authenticator({make_user("a", "1"), make_user("b", "2")});
  EXPECT_EQ(caller_of(authenticator, {{"Authorization", basic("b:2")}})->name, "b");
}

TEST(BasicAuthenticator, takes_the_users_of_a_file_in_place_of_those_before) {
  BasicAuthenticator authenticator({make_user("a", "1")});
  authenticator.use(
      *parse_users("# the platform\r\n\nb:with:colon\nc:{SHA256}" + core::sha256_hex("hashed") + "\nempty:"));
  for (const char* good : {"b:with:colon", "c:hashed", "empty:"})
    EXPECT_TRUE(accepts(authenticator, basic(good))) << good;
  const std::string digest = "c:{SHA256}" + core::sha256_hex("hashed");
  for (const std::string& bad : {std::string("a:1"), digest})
    EXPECT_FALSE(accepts(authenticator, basic(bad)));
}

TEST(BasicAuthenticator, names_the_line_of_a_file_that_is_wrong_but_not_its_text) {
  struct Case {
    std::string text;
    const char* says;
  };
  for (const Case& each : {Case{"", "no users"}, Case{"# nobody\n\n", "no users"},
                           Case{"a:1\nhunter2", "line 2: expected name:password"},
                           Case{":hunter2", "line 1: expected name:password"},
                           Case{"a:hunter2\nb:2\na:hunter2", "line 3: this name is there twice"},
                           Case{"a:{SHA256}hunter2", "line 1: {SHA256} must be followed"},
                           Case{"a:{SHA256}" + std::string(64, 'g'), "64 hex digits"},
                           Case{"a:$2y$05$hunter2", "kind of password hash"},
                           Case{"a:$apr1$hunter2", "{SHA256}"}, Case{"a:{SHA}hunter2", "sha256sum"}}) {
    const auto users = parse_users(each.text);
    ASSERT_FALSE(users) << each.text;
    EXPECT_THAT(users.error().message, HasSubstr(each.says));
    EXPECT_EQ(users.error().message.find("hunter2"), std::string::npos);
  }
}

}  // namespace
}  // namespace osb
