// Bearer tokens, client certificates, and several kinds of credentials side by side.
#include "osb/authenticator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "osb/basic_authenticator.hpp"
#include "osb/bearer_authenticator.hpp"
#include "osb/certificate_authenticator.hpp"
#include "testing/manual_clock.hpp"
#include "testing/run.hpp"

namespace osb {
namespace {

using core::ErrorKind;
using testing::ElementsAre;
using testing::HasSubstr;

struct Reviews {
  int count = 0;
  bool down = false;
};

// Knows the token "good".
class AnyReviewer final : public TokenReviewer {
 public:
  explicit AnyReviewer(Reviews& reviews) : reviews_(reviews) {}
  async::Task<core::Result<std::optional<Caller>>> review(std::string token) override {
    ++reviews_.count;
    if (reviews_.down)
      co_return core::fail(
          core::Error{.kind = ErrorKind::forbidden, .message = "not allowed", .http_status = 403});
    if (token != "good") co_return std::nullopt;
    co_return Caller{.name = "system:serviceaccount:a:b"};
  }

 private:
  Reviews& reviews_;
};

net::Request with_token(const std::string& token) {
  net::Request request;
  request.headers.set("Authorization", "Bearer " + token);
  return request;
}

net::Request with_certificate(std::string common_name, std::vector<std::string> alternative_names = {}) {
  net::Request request;
  request.peer.certificate = net::ClientCertificate{.common_name = std::move(common_name),
                                                    .organizations = {},
                                                    .alternative_names = std::move(alternative_names)};
  return request;
}

class BearerAuthentication : public testing::Test {
 protected:
  std::string caller_of(const std::string& token) {
    const net::Request request = with_token(token);
    const auto caller = fakes::run(io_, authenticator_.authenticate(request));
    if (!caller) return "error";
    return *caller ? (*caller)->name : "nobody";
  }

  boost::asio::io_context io_{1};
  fakes::ManualClock clock_{io_.get_executor()};
  Reviews reviews_;
  BearerAuthenticator authenticator_{std::make_unique<AnyReviewer>(reviews_), clock_};
};

TEST_F(BearerAuthentication, remembers_for_a_while_what_was_found) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(caller_of("good"), "system:serviceaccount:a:b");
    EXPECT_EQ(caller_of("bad"), "nobody");
  }
  EXPECT_EQ(reviews_.count, 2);
  clock_.advance(BearerAuthenticator::refused_for);
  EXPECT_EQ(caller_of("good"), "system:serviceaccount:a:b");
  EXPECT_EQ(reviews_.count, 2);
  EXPECT_EQ(caller_of("bad"), "nobody");
  EXPECT_EQ(reviews_.count, 3) << "a refusal is remembered less long";
  clock_.advance(BearerAuthenticator::accepted_for);
  caller_of("good");
  EXPECT_EQ(reviews_.count, 4);
}

TEST_F(BearerAuthentication, does_not_remember_that_nobody_could_tell) {
  reviews_.down = true;
  EXPECT_EQ(caller_of("good"), "error");
  reviews_.down = false;
  EXPECT_EQ(caller_of("good"), "system:serviceaccount:a:b");
}

TEST_F(BearerAuthentication, keeps_an_accepted_token_through_any_number_of_refused_ones) {
  caller_of("good");
  for (std::size_t i = 0; i < 2 * BearerAuthenticator::most_remembered; ++i)
    caller_of("bad" + std::to_string(i));
  const int before = reviews_.count;
  caller_of("good");
  EXPECT_EQ(reviews_.count, before);
}

TEST_F(BearerAuthentication, asks_nobody_about_a_header_of_another_kind) {
  for (const char* header : {"", "Bearer", "Bearer ", "Basic good", "Bearergood"}) {
    net::Request request;
    request.headers.set("Authorization", header);
    const auto caller = fakes::run(io_, authenticator_.authenticate(request));
    ASSERT_TRUE(caller);
    EXPECT_FALSE(*caller) << header;
  }
  EXPECT_EQ(reviews_.count, 0);
}

std::string certificate_caller(std::set<std::string, std::less<>> names, const net::Request& request) {
  boost::asio::io_context io;
  CertificateAuthenticator authenticator(std::move(names));
  const auto caller = fakes::run(io, authenticator.authenticate(request));
  return *caller ? (*caller)->name : "nobody";
}

TEST(CertificateAuthentication, goes_by_the_common_name_dns_names_and_uris) {
  EXPECT_EQ(certificate_caller({}, with_certificate("jane")), "jane");
  EXPECT_EQ(certificate_caller({}, net::Request()), "nobody");
  EXPECT_EQ(certificate_caller({"jane", "joe"}, with_certificate("jane")), "jane");
  EXPECT_EQ(certificate_caller({"joe"}, with_certificate("jane")), "nobody");
  EXPECT_EQ(certificate_caller({"catalog.svc"}, with_certificate("jane", {"a", "catalog.svc"})),
            "catalog.svc");
  EXPECT_EQ(certificate_caller({"spiffe://c/ns/a"}, with_certificate("", {"spiffe://c/ns/a"})),
            "spiffe://c/ns/a");
}

class SeveralKinds : public testing::Test {
 protected:
  SeveralKinds() {
    authentication_.add(std::make_unique<BasicAuthenticator>(std::vector{make_user("a", "1")}));
    authentication_.add(
        std::make_unique<BearerAuthenticator>(std::make_unique<AnyReviewer>(reviews_), clock_));
    authentication_.add(
        std::make_unique<CertificateAuthenticator>(std::set<std::string, std::less<>>{"jane"}));
  }
  core::Result<Caller> authenticate(const net::Request& request) {
    return fakes::run(io_, authentication_.authenticate(request));
  }

  boost::asio::io_context io_{1};
  fakes::ManualClock clock_{io_.get_executor()};
  Reviews reviews_;
  Authentication authentication_;
};

TEST_F(SeveralKinds, accept_what_one_of_them_accepts) {
  net::Request basic;
  basic.headers.set("Authorization", "Basic " + core::base64_encode("a:1"));
  EXPECT_EQ(authenticate(basic)->name, "a");
  EXPECT_EQ(authenticate(with_token("good"))->name, "system:serviceaccount:a:b");
  EXPECT_EQ(authenticate(with_certificate("jane"))->name, "jane");
}

TEST_F(SeveralKinds, refuse_with_the_challenges_and_names_of_all) {
  const auto refused = authenticate(with_certificate("joe"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().http_status, 401);
  EXPECT_THAT(refused.error().message,
              HasSubstr("HTTP basic authentication or a bearer token or a client certificate"));
  EXPECT_THAT(authentication_.challenges(),
              ElementsAre(HasSubstr("Basic realm="), HasSubstr("Bearer realm=")));
}

TEST_F(SeveralKinds, do_not_call_a_caller_wrong_whom_nobody_could_check) {
  reviews_.down = true;
  const auto undecided = authenticate(with_token("good"));
  ASSERT_FALSE(undecided);
  EXPECT_EQ(undecided.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(undecided.error().http_status, 0) << "what the API server said to the broker";
  EXPECT_THAT(undecided.error().message, HasSubstr("not allowed"));
  EXPECT_EQ(authenticate(with_certificate("jane"))->name, "jane");
}

TEST(NoAuthentication, lets_everybody_in) {
  boost::asio::io_context io;
  const net::Request request;
  EXPECT_TRUE(fakes::run(io, Authentication().authenticate(request)));
}

}  // namespace
}  // namespace osb
