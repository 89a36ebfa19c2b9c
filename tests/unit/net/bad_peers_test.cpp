// Servers that garble their answers, clients that garble their requests: each gets its error in time, and
// nothing hangs.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/event.hpp"
#include "async/task_group.hpp"
#include "net/client.hpp"
#include "net/server.hpp"
#include "testing/run.hpp"

namespace net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using core::ErrorKind;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto quietly = [](boost::system::error_code& error) {
  return asio::redirect_error(asio::use_awaitable, error);
};

// Answers each connection's first request with the same bytes, whatever was asked, and closes or stays
// silent.
class CannedServer {
 public:
  CannedServer(asio::io_context& io, std::string answer, bool closes)
      : acceptor_(io, {asio::ip::address_v4::loopback(), 0}), answer_(std::move(answer)), closes_(closes) {}
  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] int connections() const { return connections_; }

  async::Task<> run() {
    while (true) {
      auto socket = std::make_shared<tcp::socket>(co_await acceptor_.async_accept(asio::use_awaitable));
      ++connections_;
      std::string request;
      boost::system::error_code error;
      co_await asio::async_read_until(*socket, asio::dynamic_buffer(request), "\r\n\r\n", quietly(error));
      co_await asio::async_write(*socket, asio::buffer(answer_), quietly(error));
      if (!closes_) open_.push_back(std::move(socket));
    }
  }

 private:
  tcp::acceptor acceptor_;
  std::string answer_;
  bool closes_;
  int connections_ = 0;
  std::vector<std::shared_ptr<tcp::socket>> open_;
};

struct Garbage {
  const char* name;
  std::string answer;
  bool closes;
  ErrorKind kind;
};

class BadServer : public testing::TestWithParam<Garbage> {};

async::Task<core::Result<Reply>> send_to(CannedServer& server, Client& client,
                                         asio::any_io_executor executor) {
  async::TaskGroup tasks(std::move(executor));
  tasks.spawn("server", server.run());
  Request request{.method = "GET", .target = "/"};
  const CallOptions options{.timeout = 500ms, .max_body = 10'000};
  auto reply = co_await client.send(std::move(request), options);
  tasks.cancel();
  co_await tasks.join();
  co_return reply;
}

TEST_P(BadServer, is_an_error_in_time) {
  asio::io_context io;
  CannedServer server(io, GetParam().answer, GetParam().closes);
  auto client =
      Client::create(io.get_executor(), *Url::parse("http://127.0.0.1:" + std::to_string(server.port())));
  ASSERT_TRUE(client);
  const auto reply = fakes::run(io, send_to(server, **client, io.get_executor()));
  ASSERT_FALSE(reply) << reply->status << reply->body;
  EXPECT_EQ(reply.error().kind, GetParam().kind) << reply.error().message;
  EXPECT_THAT(reply.error().message, HasSubstr("127.0.0.1"));
}

const std::string ok = "HTTP/1.1 200 OK\r\n";

INSTANTIATE_TEST_SUITE_P(
    All, BadServer,
    testing::Values(
        Garbage{"silence", "", false, ErrorKind::timeout},
        Garbage{"closes", "", true, ErrorKind::unavailable},
        Garbage{"no_http", "SSH-2.0-OpenSSH_9.2\r\n\r\n", true, ErrorKind::protocol},
        Garbage{"half_a_head", "HTTP/1.1 200 OK\r\nContent-", true, ErrorKind::unavailable},
        Garbage{"half_a_head_and_silence", "HTTP/1.1 200", false, ErrorKind::timeout},
        Garbage{"endless_head", ok + "X: " + std::string(100'000, 'a'), false, ErrorKind::protocol},
        Garbage{"many_headers",
                ok +
                    [] {
                      std::string all;
                      for (int i = 0; i < 20'000; ++i) all += "a: b\r\n";
                      return all;
                    }(),
                false, ErrorKind::protocol},
        Garbage{"short_body", ok + "Content-Length: 100\r\n\r\nabc", true, ErrorKind::unavailable},
        Garbage{"short_body_and_silence", ok + "Content-Length: 100\r\n\r\nabc", false, ErrorKind::timeout},
        Garbage{"huge_length", ok + "Content-Length: 10001\r\n\r\n", false, ErrorKind::too_large},
        Garbage{"impossible_length", ok + "Content-Length: 99999999999999999999999\r\n\r\n", true,
                ErrorKind::protocol},
        Garbage{"negative_length", ok + "Content-Length: -5\r\n\r\n", true, ErrorKind::protocol},
        Garbage{"body_without_an_end", ok + "\r\n" + std::string(20'000, 'x'), false, ErrorKind::too_large},
        Garbage{"bad_chunk", ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", true,
                ErrorKind::protocol},
        Garbage{"endless_chunks",
                ok + "Transfer-Encoding: chunked\r\n\r\n4e20\r\n" + std::string(20'000, 'x'), false,
                ErrorKind::too_large},
        Garbage{"cut_chunks", ok + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", true,
                ErrorKind::unavailable}),
    [](const auto& info) { return info.param.name; });

TEST(Client, follows_no_redirect) {
  asio::io_context io;
  CannedServer server(
      io, "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n", true);
  auto client =
      Client::create(io.get_executor(), *Url::parse("http://127.0.0.1:" + std::to_string(server.port())));
  const auto reply = fakes::run(io, send_to(server, **client, io.get_executor()));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 302);
  EXPECT_EQ(server.connections(), 1);
}

// --- clients ---

async::Task<Response> greet(const Request& request) {
  co_return Response{.status = 200, .headers = {}, .body = "hello " + request.body};
}

// All that the server answers to these bytes until it closes, or says nothing more for a while.
async::Task<std::string> exchange(Server& server, std::string bytes, bool shuts_down) {
  const auto executor = co_await asio::this_coro::executor;
  async::TaskGroup tasks(executor);
  tasks.spawn("server", server.run());
  tcp::socket socket(executor);
  const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), server.port());
  co_await socket.async_connect(endpoint, asio::use_awaitable);
  boost::system::error_code error;
  co_await asio::async_write(socket, asio::buffer(bytes), quietly(error));
  if (shuts_down) socket.shutdown(tcp::socket::shutdown_send, error);
  std::string answer;
  while (!error) {
    std::array<char, 4096> piece{};
    const std::size_t size = co_await socket.async_read_some(asio::buffer(piece), quietly(error));
    answer.append(piece.data(), size);
  }
  socket.close(error);
  server.stop();
  co_await tasks.join();
  co_return answer;
}

std::string answer_to(std::string bytes, bool shuts_down = false) {
  asio::io_context io;
  auto server = Server::listen(
      io.get_executor(),
      {.max_header_bytes = 2000, .max_body_bytes = 1000, .read_timeout = 300ms, .idle_timeout = 300ms},
      greet);
  EXPECT_TRUE(server);
  return fakes::run(io, exchange(**server, std::move(bytes), shuts_down));
}

TEST(Server, tells_bad_clients_what_is_wrong_and_closes) {
  struct Case {
    const char* name;
    std::string bytes;
    const char* status;
  };
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
  for (const Case& each :
       {Case{"no HTTP", "\x16\x03\x01 hello\r\n\r\n", "HTTP/1.1 400"},
        Case{"a bad verb", "GE(T / HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
        Case{"a bad header", "GET / HTTP/1.1\r\nHost x\r\n\r\n", "HTTP/1.1 400"},
        Case{"a long target", "GET /" + std::string(5000, 'a') + " HTTP/1.1\r\n", "HTTP/1.1 431"},
        Case{"a long header", "GET / HTTP/1.1\r\nA: " + std::string(5000, 'a'), "HTTP/1.1 431"},
        Case{"a long body", post + "Content-Length: 1001\r\n\r\n", "HTTP/1.1 413"},
        Case{"long chunks",
             post + "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x') + "\r\n0\r\n\r\n",
             "HTTP/1.1 413"},
        Case{"bad chunks", post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "HTTP/1.1 400"},
        Case{"two lengths", post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "HTTP/1.1 400"},
        Case{"a length and chunks", post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "HTTP/1.1 400"},
        Case{"half a head", "GET / HTTP/1.1\r\nHo", "HTTP/1.1 408"},
        Case{"half a body", post + "Content-Length: 10\r\n\r\nabc", "HTTP/1.1 408"}}) {
    const std::string answer = answer_to(each.bytes);
    EXPECT_THAT(answer, StartsWith(each.status)) << each.name;
    EXPECT_THAT(answer, HasSubstr("\"description\"")) << each.name;
  }
}

TEST(Server, closes_a_connection_that_asks_nothing) {
  EXPECT_EQ(answer_to(""), "");
  EXPECT_EQ(answer_to("", true), "");
}

TEST(Server, answers_pipelined_requests_in_their_order) {
  const std::string answer = answer_to(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntwo");
  EXPECT_LT(answer.find("hello one"), answer.find("hello two"));
  EXPECT_NE(answer.find("hello two"), std::string::npos);
}

TEST(Server, speaks_http_1_0_and_answers_head_without_a_body) {
  EXPECT_THAT(answer_to("GET / HTTP/1.0\r\n\r\n"), testing::EndsWith("hello "));
  const std::string head = answer_to("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(head, testing::EndsWith("\r\n\r\n"));
}

TEST(Server, bids_a_waiting_client_go_on) {
  EXPECT_THAT(answer_to("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"),
              StartsWith("HTTP/1.1 100 Continue\r\n\r\n"));
}

// A handler that answers when it is told to.
struct Slow {
  explicit Slow(asio::any_io_executor executor) : asked(executor), go_on(executor) {}
  async::Task<Response> answer() {
    asked.notify();
    co_await go_on.wait();
    co_return Response{.status = 200, .headers = {}, .body = "late"};
  }
  async::Event asked, go_on;
};

async::Task<std::string> drain(Server& server, Client& client, Slow& slow) {
  const auto executor = co_await asio::this_coro::executor;
  async::TaskGroup tasks(executor);
  tasks.spawn("server", server.run());
  std::string told;
  const auto ask = [](Client& with, std::string& into) -> async::Task<> {
    Request request{.method = "GET", .target = "/"};
    auto reply = co_await with.send(std::move(request), {});
    into = reply ? reply->body : reply.error().message;
  };
  tasks.spawn("client", ask(client, told));
  co_await slow.asked.wait();
  server.stop();
  slow.go_on.notify();
  co_await tasks.join();
  co_return told;
}

TEST(Server, finishes_requests_under_way_when_it_stops) {
  asio::io_context io;
  Slow slow(io.get_executor());
  auto server = Server::listen(io.get_executor(), {}, [&slow](const Request&) { return slow.answer(); });
  auto client =
      Client::create(io.get_executor(), *Url::parse("http://127.0.0.1:" + std::to_string((*server)->port())));
  EXPECT_EQ(fakes::run(io, drain(**server, **client, slow)), "late");
}

}  // namespace
}  // namespace net
