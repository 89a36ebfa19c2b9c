// How the servers beside the measured programs are run: until they are told to end.
#pragma once

#include <boost/asio/this_coro.hpp>

#include "async/shutdown.hpp"
#include "async/task_group.hpp"
#include "net/server.hpp"

namespace bench {

// Returns the exit code. The handler outlives it.
inline async::Task<int> serve_until_told(std::uint16_t port, net::Handler handler) {
  const auto executor = co_await boost::asio::this_coro::executor;
  net::ServerOptions options{.port = port};
  auto server = net::Server::listen(executor, std::move(options), std::move(handler));
  if (!server) co_return 1;
  async::TaskGroup tasks(executor);
  tasks.spawn("server", (*server)->run());
  co_await async::wait_for_shutdown_signal();
  (*server)->stop();
  tasks.cancel();
  co_await tasks.join();
  co_return 0;
}

}  // namespace bench
