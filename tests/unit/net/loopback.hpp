// A server and a client of it on one loop.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "async/task_group.hpp"
#include "net/client.hpp"
#include "net/server.hpp"
#include "testing/run.hpp"

namespace net {

// The server is drained at the end of run().
struct Loopback {
  boost::asio::io_context io{1};
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;

  void start(Handler handler, ServerOptions options = {}, ClientOptions client_options = {}) {
    const std::string scheme = options.tls ? "https" : "http";
    auto listening = Server::listen(io.get_executor(), std::move(options), std::move(handler));
    ASSERT_TRUE(listening) << listening.error().message;
    server = std::move(*listening);
    auto url = Url::parse(scheme + "://127.0.0.1:" + std::to_string(server->port()));
    auto made = Client::create(io.get_executor(), *url, std::move(client_options));
    ASSERT_TRUE(made) << made.error().message;
    client = std::move(*made);
  }

  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io, with_server(std::move(task)));
  }

 private:
  template <class T>
  async::Task<T> with_server(async::Task<T> task) {
    async::TaskGroup group(io.get_executor());
    group.spawn("server", server->run());
    T value = co_await std::move(task);
    server->stop();
    co_await group.join();
    co_return value;
  }
};

inline Request request(std::string method, std::string target, std::string body = {}) {
  return {.method = std::move(method),
          .target = std::move(target),
          .headers = {},
          .body = std::move(body),
          .peer = {}};
}

}  // namespace net
