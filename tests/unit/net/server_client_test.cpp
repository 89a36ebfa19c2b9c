#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "async/clock.hpp"
#include "tests/unit/net/loopback.hpp"

namespace {

using namespace std::chrono_literals;

async::Task<net::Response> echo(const net::Request& request) {
  net::Response response{.status = 200, .headers = {{"X-Method", request.method}}, .body = {}};
  response.body = request.body.empty() ? request.target : request.body;
  co_return response;
}

using net::Loopback;
using net::request;

TEST(ServerAndClient, exchange_a_request_and_its_answer) {
  Loopback loopback;
  loopback.start(echo);
  const auto reply = loopback.run(loopback.client->send(request("POST", "/x?y=1", "hello"), {}));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, "hello");
  EXPECT_EQ(reply->headers.get("x-method"), "POST");
}

async::Task<std::vector<std::string>> two_requests(net::Client& client) {
  std::vector<std::string> addresses;
  for (int i = 0; i < 2; ++i) {
    auto reply = co_await client.send(request("GET", "/"), {});
    addresses.push_back(reply ? reply->body : reply.error().message);
  }
  co_return addresses;
}

async::Task<net::Response> tell_address(const net::Request& request) {
  co_return net::Response{.status = 200, .headers = {}, .body = request.peer.address};
}

TEST(ServerAndClient, reuse_a_connection) {
  Loopback loopback;
  loopback.start(tell_address);
  const auto addresses = loopback.run(two_requests(*loopback.client));
  EXPECT_EQ(addresses[0], addresses[1]);
}

async::Task<> write_three(net::BodyWriter& writer) {
  for (const std::string piece : {"one,", "two,", "three"}) {
    if (!co_await writer.write(piece)) co_return;
  }
}

async::Task<net::Response> streamed(const net::Request&) {
  co_return net::Response{.status = 200, .headers = {}, .body = net::BodyStream(write_three)};
}

TEST(ServerAndClient, stream_a_chunked_body) {
  Loopback loopback;
  loopback.start(streamed);
  const auto reply = loopback.run(loopback.client->send(request("GET", "/"), {}));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "one,two,three");
}

net::KeyPair test_ca() {
  return *net::make_ca("test CA", std::chrono::days(2));
}

net::ServerOptions tls_server(const net::KeyPair& ca, const std::string& address) {
  const net::CertificateRequest wanted{.common_name = "server",
                                       .organizations = {},
                                       .dns_names = {},
                                       .ip_addresses = {address},
                                       .server = true};
  const auto certificate = net::make_certificate(ca, wanted);
  net::ServerOptions options;
  options.tls = net::ServerTls{.certificate_pem = certificate->certificate_pem,
                               .key_pem = certificate->key_pem,
                               .client_ca_pem = ca.certificate_pem};
  return options;
}

TEST(ServerAndClient, speak_tls_with_a_verified_name) {
  Loopback loopback;
  const net::KeyPair ca = test_ca();
  net::ClientOptions options;
  options.tls.ca_pem = ca.certificate_pem;
  loopback.start(echo, tls_server(ca, "127.0.0.1"), options);
  const auto reply = loopback.run(loopback.client->send(request("GET", "/secure"), {}));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "/secure");
}

TEST(Client, refuses_a_certificate_of_another_name) {
  Loopback loopback;
  const net::KeyPair ca = test_ca();
  net::ClientOptions options;
  options.tls.ca_pem = ca.certificate_pem;
  loopback.start(echo, tls_server(ca, "127.0.0.9"), options);
  const auto reply = loopback.run(loopback.client->send(request("GET", "/"), {}));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, core::ErrorKind::unavailable);
  EXPECT_NE(reply.error().message.find("cannot be trusted"), std::string::npos) << reply.error().message;
}

TEST(Client, refuses_an_unknown_ca) {
  Loopback loopback;
  net::ClientOptions options;
  options.tls.ca_pem = test_ca().certificate_pem;
  loopback.start(echo, tls_server(test_ca(), "127.0.0.1"), options);
  const auto reply = loopback.run(loopback.client->send(request("GET", "/"), {}));
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().message.find("caBundle"), std::string::npos) << reply.error().message;
}

async::Task<net::Response> tell_certificate(const net::Request& request) {
  const auto& certificate = request.peer.certificate;
  co_return net::Response{.status = 200,
                          .headers = {},
                          .body = certificate
                                      ? certificate->common_name + "/" + certificate->organizations.at(0)
                                      : std::string("none")};
}

TEST(Server, reads_the_client_certificate) {
  Loopback loopback;
  const net::KeyPair ca = test_ca();
  const net::CertificateRequest wanted{
      .common_name = "jane", .organizations = {"dev"}, .dns_names = {}, .ip_addresses = {}, .client = true};
  const auto certificate = net::make_certificate(ca, wanted);
  net::ClientOptions options;
  options.tls = {.ca_pem = ca.certificate_pem,
                 .certificate_pem = certificate->certificate_pem,
                 .key_pem = certificate->key_pem};
  loopback.start(tell_certificate, tls_server(ca, "127.0.0.1"), options);
  const auto reply = loopback.run(loopback.client->send(request("GET", "/"), {}));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "jane/dev");
}

TEST(Server, refuses_what_is_too_large) {
  Loopback loopback;
  net::ServerOptions options;
  options.max_body_bytes = 1000;
  options.max_header_bytes = 2000;
  loopback.start(echo, options);
  const auto body = loopback.run(loopback.client->send(request("PUT", "/", std::string(5000, 'x')), {}));
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_EQ(body->status, 413);
  EXPECT_NE(body->body.find("1000"), std::string::npos);
}

TEST(Server, refuses_a_header_that_is_too_large) {
  Loopback loopback;
  net::ServerOptions options;
  options.max_header_bytes = 2000;
  loopback.start(echo, options);
  const auto header = loopback.run(loopback.client->send(request("GET", "/" + std::string(5000, 'x')), {}));
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->status, 431);
}

async::Task<net::Response> hang(const net::Request&) {
  async::SystemClock clock;
  co_await clock.sleep_for(60s);
  co_return net::Response{};
}

TEST(Client, gives_up_at_its_deadline) {
  Loopback loopback;
  net::ServerOptions options;
  options.drain_timeout = 50ms;
  loopback.start(hang, options);
  const auto reply = loopback.run(loopback.client->send(request("GET", "/"), {.timeout = 50ms}));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, core::ErrorKind::timeout);
}

TEST(Client, tells_where_nothing_listens) {
  boost::asio::io_context io{1};
  auto client = net::Client::create(io.get_executor(), *net::Url::parse("http://127.0.0.1:1"));
  const auto reply = fakes::run(io, (*client)->send(request("GET", "/"), {}));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, core::ErrorKind::unavailable);
  EXPECT_NE(reply.error().message.find("http://127.0.0.1:1: "), std::string::npos) << reply.error().message;
}

async::Task<net::Response> fail(const net::Request&) {
  throw std::runtime_error("a bug");
  co_return net::Response{};
}

TEST(Server, answers_500_where_a_handler_throws) {
  Loopback loopback;
  loopback.start(fail);
  const auto reply = loopback.run(loopback.client->send(request("GET", "/"), {}));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 500);
  EXPECT_EQ(reply->body.find("a bug"), std::string::npos);
}

TEST(Client, limits_the_answers_size) {
  Loopback loopback;
  loopback.start(echo);
  const auto reply =
      loopback.run(loopback.client->send(request("PUT", "/", std::string(5000, 'x')), {.max_body = 100}));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, core::ErrorKind::too_large);
}

}  // namespace
