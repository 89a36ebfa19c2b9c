// Whom a client and a server trust, and what they do with one they do not.
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>

#include "tests/unit/net/loopback.hpp"

namespace net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using core::ErrorKind;
using namespace std::chrono_literals;
using testing::HasSubstr;

async::Task<Response> tell_peer(const Request& request) {
  const auto& certificate = request.peer.certificate;
  co_return Response{
      .status = 200, .headers = {}, .body = certificate ? certificate->common_name : std::string("nobody")};
}

const KeyPair& ca() {
  static const KeyPair made = *make_ca("test CA", std::chrono::days(2));
  return made;
}
const KeyPair& other_ca() {
  static const KeyPair made = *make_ca("test CA", std::chrono::days(2));
  return made;
}

CertificateRequest for_a_server(std::vector<std::string> dns_names, std::vector<std::string> ip_addresses) {
  return {.common_name = "server",
          .organizations = {},
          .dns_names = std::move(dns_names),
          .ip_addresses = std::move(ip_addresses),
          .server = true};
}
CertificateRequest for_a_client(const char* name) {
  return {.common_name = name, .organizations = {}, .dns_names = {}, .ip_addresses = {}, .client = true};
}

ServerOptions serves(const CertificateRequest& wanted, const KeyPair& issuer = ca()) {
  const auto certificate = make_certificate(issuer, wanted);
  ServerOptions options;
  options.tls = ServerTls{.certificate_pem = certificate->certificate_pem,
                          .key_pem = certificate->key_pem,
                          .client_ca_pem = ca().certificate_pem};
  return options;
}

ClientOptions trusts(const KeyPair& issuer, std::string server_name = {}) {
  ClientOptions options;
  options.tls.ca_pem = issuer.certificate_pem;
  options.tls.server_name = std::move(server_name);
  return options;
}

core::Result<Reply> talk(ServerOptions server, ClientOptions client) {
  Loopback loopback;
  loopback.start(tell_peer, std::move(server), std::move(client));
  return loopback.run(loopback.client->send(request("GET", "/"), {.timeout = 5000ms}));
}

TEST(Tls, connects_only_to_a_server_with_a_name_and_an_issuer_that_are_right) {
  CertificateRequest expired = for_a_server({}, {"127.0.0.1"});
  expired.valid_for = std::chrono::days(-1);
  CertificateRequest of_a_client = for_a_server({}, {"127.0.0.1"});
  of_a_client.server = false;
  of_a_client.client = true;
  struct Case {
    const char* name;
    ServerOptions server;
    ClientOptions client;
    bool trusted;
  };
  const ServerOptions by_address = serves(for_a_server({}, {"127.0.0.1"}));
  const ServerOptions by_name = serves(for_a_server({"broker.example", "*.wild.example"}, {}));
  for (const Case& each :
       {Case{"the address", by_address, trusts(ca()), true},
        Case{"another CA", by_address, trusts(other_ca()), false},
        Case{"the system's CAs", by_address, {}, false},
        Case{"another address", serves(for_a_server({}, {"127.0.0.2"})), trusts(ca()), false},
        Case{"no names at all", serves(for_a_server({}, {})), trusts(ca()), false},
        Case{"an address written as a name", serves(for_a_server({"127.0.0.1"}, {})), trusts(ca()), false},
        Case{"the name", by_name, trusts(ca(), "broker.example"), true},
        Case{"the name in capitals", by_name, trusts(ca(), "BROKER.example"), true},
        Case{"a name of the wildcard", by_name, trusts(ca(), "a.wild.example"), true},
        Case{"a name below the wildcard", by_name, trusts(ca(), "a.b.wild.example"), false},
        Case{"another name", by_name, trusts(ca(), "broker.example.org"), false},
        Case{"a name without its address", by_name, trusts(ca()), false},
        Case{"expired", serves(expired), trusts(ca()), false},
        Case{"a client's certificate", serves(of_a_client), trusts(ca()), false}}) {
    const auto reply = talk(each.server, each.client);
    EXPECT_EQ(reply.has_value(), each.trusted) << each.name << (reply ? "" : reply.error().message);
    if (reply) continue;
    EXPECT_EQ(reply.error().kind, ErrorKind::unavailable) << each.name;
    EXPECT_THAT(reply.error().message, HasSubstr("https://127.0.0.1")) << each.name;
    EXPECT_THAT(reply.error().message, HasSubstr("cannot be trusted")) << each.name;
  }
}

TEST(Tls, verifies_nothing_where_it_is_told_so) {
  ClientOptions options;
  options.tls.insecure_skip_verify = true;
  EXPECT_TRUE(talk(serves(for_a_server({"x"}, {}), other_ca()), options));
}

TEST(Tls, lets_a_client_be_nobody_but_not_another) {
  const ServerOptions server = serves(for_a_server({}, {"127.0.0.1"}));
  struct Case {
    const char* name;
    KeyPair issuer;
    CertificateRequest wanted;
    const char* known_as;
  };
  for (const Case& each : {Case{"jane", ca(), for_a_client("jane"), "jane"},
                           Case{"a forger", other_ca(), for_a_client("jane"), ""},
                           Case{"a server", ca(), for_a_server({}, {"127.0.0.1"}), ""}}) {
    const auto certificate = make_certificate(each.issuer, each.wanted);
    ASSERT_TRUE(certificate);
    ClientOptions options = trusts(ca());
    options.tls.certificate_pem = certificate->certificate_pem;
    options.tls.key_pem = certificate->key_pem;
    const auto reply = talk(server, options);
    EXPECT_EQ(reply ? reply->body : "", each.known_as) << each.name;
  }
  EXPECT_EQ(talk(server, trusts(ca()))->body, "nobody");
}

async::Task<std::vector<std::string>> reload_between(Loopback& loopback, ServerTls renewed) {
  std::vector<std::string> answers;
  for (int i = 0; i < 2; ++i) {
    auto reply = co_await loopback.client->send(request("GET", "/"), {});
    answers.push_back(reply ? reply->body : "refused");
    EXPECT_TRUE(loopback.server->reload_tls(renewed));
  }
  co_return answers;
}

TEST(Tls, uses_a_new_certificate_for_new_connections) {
  Loopback loopback;
  ClientOptions options = trusts(ca());
  options.max_idle_connections = 0;
  loopback.start(tell_peer, serves(for_a_server({}, {"127.0.0.1"})), options);
  const auto answers =
      loopback.run(reload_between(loopback, *serves(for_a_server({}, {"127.0.0.1"}), other_ca()).tls));
  EXPECT_THAT(answers, testing::ElementsAre("nobody", "refused"));
}

TEST(Tls, says_which_text_cannot_be_read) {
  asio::io_context io;
  const auto pair = make_certificate(ca(), for_a_server({}, {"127.0.0.1"}));
  const auto other = make_certificate(ca(), for_a_server({}, {"127.0.0.1"}));
  struct Case {
    ServerTls tls;
    const char* says;
  };
  for (const Case& each :
       {Case{{.certificate_pem = "x", .key_pem = pair->key_pem, .client_ca_pem = {}}, "certificate"},
        Case{{.certificate_pem = pair->certificate_pem, .key_pem = "x", .client_ca_pem = {}}, "key"},
        Case{{.certificate_pem = pair->certificate_pem, .key_pem = other->key_pem, .client_ca_pem = {}},
             "does not belong"},
        Case{{.certificate_pem = pair->certificate_pem, .key_pem = pair->key_pem, .client_ca_pem = "x"},
             "client CA"}}) {
    ServerOptions options;
    options.tls = each.tls;
    const auto server = Server::listen(io.get_executor(), options, tell_peer);
    ASSERT_FALSE(server) << each.says;
    EXPECT_EQ(server.error().kind, ErrorKind::invalid);
    EXPECT_THAT(server.error().message, HasSubstr(each.says));
    EXPECT_EQ(server.error().message.find("BEGIN"), std::string::npos);
  }
  const Url url = *Url::parse("https://127.0.0.1");
  ClientOptions half;
  half.tls.certificate_pem = pair->certificate_pem;
  EXPECT_THAT(Client::create(io.get_executor(), url, half).error().message, HasSubstr("together"));
  ClientOptions garbled;
  garbled.tls.ca_pem = "x";
  EXPECT_THAT(Client::create(io.get_executor(), url, garbled).error().message, HasSubstr("CA bundle"));
  EXPECT_EQ(make_certificate({.certificate_pem = "x", .key_pem = "y"}, for_a_client("a")).error().kind,
            ErrorKind::invalid);
}

async::Task<Response> tell_names(const Request& request) {
  std::string names;
  for (const std::string& name : request.peer.certificate->alternative_names) names += name + " ";
  co_return Response{.status = 200, .headers = {}, .body = names};
}

TEST(Tls, knows_a_client_by_all_its_names) {
  CertificateRequest wanted = for_a_client("jane");
  wanted.dns_names = {"jane.example", "catalog.svc"};
  const auto certificate = make_certificate(ca(), wanted);
  ASSERT_TRUE(certificate);
  ClientOptions options = trusts(ca());
  options.tls.certificate_pem = certificate->certificate_pem;
  options.tls.key_pem = certificate->key_pem;
  Loopback loopback;
  loopback.start(tell_names, serves(for_a_server({}, {"127.0.0.1"})), options);
  const auto reply = loopback.run(loopback.client->send(request("GET", "/"), {.timeout = 5000ms}));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "jane.example catalog.svc ");
}

TEST(Tls, tells_of_a_certificate_what_it_is_for_and_until_when) {
  const auto facts = inspect(*serves(for_a_server({"broker.example"}, {"127.0.0.1"})).tls);
  ASSERT_TRUE(facts);
  EXPECT_THAT(facts->names, testing::ElementsAre("server", "broker.example"));
  EXPECT_GT(facts->expires, core::now() + 300 * 24h);
  EXPECT_LT(facts->expires, core::now() + 400 * 24h);
  EXPECT_FALSE(inspect({.certificate_pem = "x", .key_pem = "y", .client_ca_pem = {}}));
}

// What a client says first to a server that then says nothing.
struct SilentServer {
  explicit SilentServer(asio::io_context& io)
      : acceptor(io, {asio::ip::address_v4::loopback(), 0}), socket(io) {}
  async::Task<> run() {
    co_await acceptor.async_accept(socket, asio::use_awaitable);
    std::array<char, 4096> piece{};
    while (true) {
      const std::size_t size = co_await socket.async_read_some(asio::buffer(piece), asio::use_awaitable);
      heard.append(piece.data(), size);
    }
  }
  tcp::acceptor acceptor;
  tcp::socket socket;
  std::string heard;
};

async::Task<core::Result<Reply>> call_silence(SilentServer& server, Client& client) {
  async::TaskGroup tasks(co_await asio::this_coro::executor);
  const auto listen = [](SilentServer& at) -> async::Task<> {
    try {
      co_await at.run();
    } catch (const boost::system::system_error&) {
      // The client has gone.
    }
  };
  tasks.spawn("server", listen(server));
  auto reply = co_await client.send(request("GET", "/"), {.timeout = 200ms});
  tasks.cancel();
  co_await tasks.join();
  co_return reply;
}

TEST(Tls, names_the_server_and_waits_no_longer_for_a_handshake_than_for_the_call) {
  for (const bool insecure : {false, true}) {
    asio::io_context io;
    SilentServer server(io);
    ClientOptions options = trusts(ca(), "broker.example");
    options.tls.insecure_skip_verify = insecure;
    options.connect_timeout = 15s;
    const auto url =
        Url::parse("https://127.0.0.1:" + std::to_string(server.acceptor.local_endpoint().port()));
    auto client = Client::create(io.get_executor(), *url, options);
    ASSERT_TRUE(client);
    const auto before = std::chrono::steady_clock::now();
    const auto reply = fakes::run(io, call_silence(server, **client));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ErrorKind::timeout);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
    EXPECT_THAT(server.heard, HasSubstr("broker.example")) << "by the server's name, proxies find it";
  }
}

}  // namespace
}  // namespace net
