#include "net/client.hpp"

#include "async/cancellation.hpp"
#include "core/time.hpp"
#include "net/connection_pool.hpp"
#include "net/deadline.hpp"
#include "net/exchange.hpp"

namespace net {

namespace {

bool may_be_sent_again(const std::string& method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE";
}

}  // namespace

struct Client::State {
  std::shared_ptr<ConnectionPool> pool;

  // Sends the request on this connection and reads the answer's head. `connection_was_dead` tells that no
  // byte of an answer came.
  [[nodiscard]] async::Task<core::Result<std::unique_ptr<Exchange>>> exchange(const Request& request,
                                                                              ConnectionPtr connection,
                                                                              bool& connection_was_dead) {
    auto exchange = std::make_unique<Exchange>(pool, connection, request.method != "HEAD");
    const std::string head =
        write_request_head(request, pool->origin().authority(), pool->options().user_agent);
    const auto error = co_await connection->stream.write(head, request.body);
    co_await async::throw_if_cancelled();
    // A server that refuses a body may answer and close before it has read it: the answer is worth reading.
    auto read = co_await exchange->read_head();
    if (!read) {
      connection_was_dead = exchange->nothing_was_read();
      if (error && connection_was_dead) co_return pool->unreachable("sending failed: " + error.message());
      co_return core::fail(std::move(read.error()));
    }
    co_return exchange;
  }

  [[nodiscard]] async::Task<core::Result<std::unique_ptr<Exchange>>> start(const Request& request,
                                                                           ConnectionPtr& current,
                                                                           const Deadline& deadline) {
    current = pool->take_idle();
    if (current) {
      bool dead = false;
      auto answered = co_await exchange(request, current, dead);
      // The deadline strikes once: nothing would end what is begun after it.
      if (answered || !dead || deadline.expired() || !may_be_sent_again(request.method)) co_return answered;
    }
    auto connected = co_await pool->connect(deadline.left());
    if (!connected) co_return core::fail(std::move(connected.error()));
    if (deadline.expired()) co_return pool->unreachable("the connection came too late");
    current = *connected;
    bool dead = false;
    co_return co_await exchange(request, current, dead);
  }

  [[nodiscard]] std::unexpected<core::Error> too_late(const CallOptions& options) const {
    return core::fail(core::ErrorKind::timeout, pool->origin().scheme + "://" + pool->origin().authority() +
                                                    " did not answer within " +
                                                    core::to_duration_text(options.timeout));
  }
  [[nodiscard]] std::unexpected<core::Error> too_large(const CallOptions& options) const {
    return core::fail(core::ErrorKind::too_large, pool->origin().authority() +
                                                      " answered with a body larger than " +
                                                      std::to_string(options.max_body) + " bytes");
  }
};

Client::Client(std::shared_ptr<State> state) : state_(std::move(state)) {}
Client::~Client() = default;

core::Result<std::unique_ptr<Client>> Client::create(boost::asio::any_io_executor executor, Url origin,
                                                     ClientOptions options) {
  SslContext context;
  if (origin.tls()) {
    auto made = make_client_context(options.tls);
    if (!made) return core::fail(std::move(made.error()));
    context = std::move(*made);
  }
  auto state = std::make_shared<State>();
  state->pool = std::make_shared<ConnectionPool>(std::move(executor), std::move(origin), std::move(options),
                                                 std::move(context));
  return std::unique_ptr<Client>(new Client(std::move(state)));
}

async::Task<core::Result<IncomingReply>> Client::open(Request request, CallOptions options) {
  const std::shared_ptr<State> state = state_;
  ConnectionPtr current;
  const Deadline deadline(state->pool->executor(), options.timeout, [&current] {
    if (current) current->stream.close();
  });
  auto exchange = co_await state->start(request, current, deadline);
  if (deadline.expired()) co_return state->too_late(options);
  if (!exchange) co_return core::fail(std::move(exchange.error()));
  IncomingReply reply{.status = (*exchange)->status(), .headers = (*exchange)->headers(), .body = nullptr};
  reply.body = std::move(*exchange);
  co_return reply;
}

async::Task<core::Result<Reply>> Client::send(Request request, CallOptions options) {
  const std::shared_ptr<State> state = state_;
  ConnectionPtr current;
  const Deadline deadline(state->pool->executor(), options.timeout, [&current] {
    if (current) current->stream.close();
  });
  auto exchange = co_await state->start(request, current, deadline);
  if (deadline.expired()) co_return state->too_late(options);
  if (!exchange) co_return core::fail(std::move(exchange.error()));
  Reply reply{.status = (*exchange)->status(), .headers = (*exchange)->headers(), .body = {}};
  if ((*exchange)->announced_length() > options.max_body) co_return state->too_large(options);
  while (true) {
    auto piece = co_await (*exchange)->read_some();
    if (deadline.expired()) co_return state->too_late(options);
    if (!piece) co_return core::fail(std::move(piece.error()));
    if (piece->empty()) co_return reply;
    if (reply.body.size() + piece->size() > options.max_body) co_return state->too_large(options);
    reply.body += *piece;
  }
}

}  // namespace net
