// A server that does with each request in turn what a script says, over as many connections as a client
// makes.
#pragma once

#include <list>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "async/task_group.hpp"
#include "net/client.hpp"
#include "testing/run.hpp"

namespace net {

namespace asio = boost::asio;
using asio::ip::tcp;

struct Step {
  std::string answer;   // "": none
  bool closes = false;  // else the connection stays open, and the server silent where it gave no answer
};

class ScriptedServer {
 public:
  ScriptedServer(asio::io_context& io, std::vector<Step> script)
      : acceptor_(io, {asio::ip::address_v4::loopback(), 0}),
        connections_group_(io.get_executor()),
        script_(std::move(script)) {}

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] int connections() const { return static_cast<int>(sockets_.size()); }
  // The first line of each request that came.
  [[nodiscard]] const std::vector<std::string>& requests() const { return requests_; }

  async::Task<> run() {
    while (true) {
      tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
      sockets_.push_back(std::move(socket));
      connections_group_.spawn("connection", serve(sockets_.back()));
    }
  }
  async::Task<> end() {
    connections_group_.cancel();
    co_await connections_group_.join();
  }

 private:
  async::Task<> serve(tcp::socket& socket) {
    std::string buffer;
    while (true) {
      boost::system::error_code error;
      const std::size_t size = co_await asio::async_read_until(
          socket, asio::dynamic_buffer(buffer), "\r\n\r\n", asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return;
      requests_.push_back(buffer.substr(0, buffer.find("\r\n")));
      buffer.erase(0, size);
      const Step step = next_ < script_.size() ? script_[next_++] : Step{};
      if (!step.answer.empty()) {
        co_await asio::async_write(socket, asio::buffer(step.answer),
                                   asio::redirect_error(asio::use_awaitable, error));
      }
      if (step.closes) {
        socket.close(error);
        co_return;
      }
    }
  }

  tcp::acceptor acceptor_;
  async::TaskGroup connections_group_;
  std::vector<Step> script_;
  std::size_t next_ = 0;
  std::list<tcp::socket> sockets_;
  std::vector<std::string> requests_;
};

// Sends the requests one after the other by one client.
class ScriptedTalk {
 public:
  explicit ScriptedTalk(std::vector<Step> script, ClientOptions options = {})
      : server(io, std::move(script)) {
    const auto url = Url::parse("http://127.0.0.1:" + std::to_string(server.port()));
    client = std::move(*Client::create(io.get_executor(), *url, std::move(options)));
  }

  std::vector<core::Result<Reply>> send(std::vector<std::string> methods, CallOptions options) {
    return fakes::run(io, send_all(std::move(methods), options));
  }

  asio::io_context io;
  ScriptedServer server;
  std::unique_ptr<Client> client;

 private:
  async::Task<std::vector<core::Result<Reply>>> send_all(std::vector<std::string> methods,
                                                         CallOptions options) {
    async::TaskGroup tasks(io.get_executor());
    tasks.spawn("server", server.run());
    std::vector<core::Result<Reply>> replies;
    for (const std::string& method : methods) {
      Request request{.method = method, .target = "/", .headers = {}, .body = {}, .peer = {}};
      auto reply = co_await client->send(std::move(request), options);
      replies.push_back(std::move(reply));
    }
    tasks.cancel();
    co_await tasks.join();
    co_await server.end();
    co_return replies;
  }
};

}  // namespace net
