#include "net/server.hpp"

#include <algorithm>
#include <list>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/clock.hpp"
#include "async/event.hpp"
#include "async/task_group.hpp"
#include "async/timeout.hpp"
#include "core/log.hpp"
#include "net/server_connection.hpp"

namespace net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

struct Server::State : std::enable_shared_from_this<Server::State> {
  State(asio::any_io_executor loop, ServerOptions server_options, Handler request_handler)
      : executor(loop),
        options(std::move(server_options)),
        handler(std::move(request_handler)),
        acceptor(loop),
        stopped(loop),
        connections_group(loop) {}

  [[nodiscard]] core::Result<> bind();
  [[nodiscard]] async::Task<> accept_loop();
  [[nodiscard]] async::Task<> sweep_loop();
  [[nodiscard]] static async::Task<> run_connection(std::shared_ptr<State> state,
                                                    std::list<ServerConnection>::iterator position);
  void stop();

  asio::any_io_executor executor;
  ServerOptions options;
  Handler handler;
  SslContext context;
  tcp::acceptor acceptor;
  async::SystemClock clock;
  async::Event stopped;
  bool stopping = false;
  std::list<ServerConnection> connections;
  async::TaskGroup connections_group;
};

core::Result<> Server::State::bind() {
  const std::string where = options.address + ":" + std::to_string(options.port);
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error)
    return core::fail(core::ErrorKind::invalid,
                      "\"" + options.address + "\" is not an IP address to listen on");
  const tcp::endpoint endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    return core::fail(core::ErrorKind::unavailable, "cannot listen on " + where + ": " + error.message());
  return {};
}

async::Task<> Server::State::accept_loop() {
  while (!stopping) {
    boost::system::error_code error;
    tcp::socket socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (stopping || error == asio::error::operation_aborted) co_return;
    if (error) {  // out of file descriptors, most likely: give connections time to end
      core::log::warn("Cannot accept a connection", {{"error", error.message()}});
      co_await clock.sleep_for(std::chrono::milliseconds(100));
      continue;
    }
    if (connections.size() >= options.max_connections) continue;  // closes the socket
    socket.set_option(tcp::no_delay(true), error);
    connections.emplace_back(std::move(socket), context, options, handler);
    connections_group.spawn("connection", run_connection(shared_from_this(), std::prev(connections.end())));
  }
}

async::Task<> Server::State::sweep_loop() {
  const auto shortest = std::min({options.read_timeout, options.idle_timeout, options.write_timeout});
  const auto interval =
      std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(500));
  while (true) {
    co_await clock.sleep_for(interval);
    const auto now = clock.now();
    for (ServerConnection& connection : connections) connection.close_if_late(now);
  }
}

async::Task<> Server::State::run_connection(std::shared_ptr<State> state,
                                            std::list<ServerConnection>::iterator position) {
  try {
    co_await position->run();
  } catch (const boost::system::system_error&) {
    // Cancelled: the connection closes below.
  }
  state->connections.erase(position);
}

void Server::State::stop() {
  stopping = true;
  boost::system::error_code ignored;
  acceptor.close(ignored);
  for (ServerConnection& connection : connections) connection.drain();
  stopped.notify();
}

core::Result<std::unique_ptr<Server>> Server::listen(asio::any_io_executor executor, ServerOptions options,
                                                     Handler handler) {
  auto state = std::make_shared<State>(std::move(executor), std::move(options), std::move(handler));
  if (state->options.tls) {
    auto context = make_server_context(*state->options.tls);
    if (!context) return core::fail(std::move(context.error()));
    state->context = std::move(*context);
  }
  if (auto bound = state->bind(); !bound) return core::fail(std::move(bound.error()));
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::shared_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() = default;

async::Task<> Server::run() {
  const std::shared_ptr<State> state = state_;
  async::TaskGroup background(state->executor);
  background.spawn("accept", state->accept_loop());
  background.spawn("sweep", state->sweep_loop());
  bool interrupted = false;
  try {
    co_await state->stopped.wait();
  } catch (const boost::system::system_error&) {
    interrupted = true;
  }
  // The drain below must wait, also where this task is being cancelled.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (!state->stopping) state->stop();
  co_await async::run_until(state->clock, state->options.drain_timeout, state->connections_group.join());
  background.cancel();
  co_await background.join();
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  if (interrupted) throw boost::system::system_error(asio::error::operation_aborted);
}

std::uint16_t Server::port() const {
  boost::system::error_code error;
  return state_->acceptor.local_endpoint(error).port();
}

void Server::stop() {
  state_->stop();
}

core::Result<> Server::reload_tls(const ServerTls& tls) {
  auto context = make_server_context(tls);
  if (!context) return core::fail(std::move(context.error()));
  state_->context = std::move(*context);
  return {};
}

}  // namespace net
