#include "net/in_process_transport.hpp"

#include "async/bounded_queue.hpp"
#include "async/task_group.hpp"
#include "async/timeout.hpp"

namespace net {

namespace asio = boost::asio;

namespace {

constexpr std::size_t pieces_in_flight = 64;

// What a streaming handler writes to and a reader reads from.
struct Pipe {
  explicit Pipe(const asio::any_io_executor& executor) : queue(executor, pieces_in_flight) {}
  async::BoundedQueue<std::string> queue;
};

class PipeWriter final : public BodyWriter {
 public:
  explicit PipeWriter(std::shared_ptr<Pipe> pipe) : pipe_(std::move(pipe)) {}
  async::Task<core::Result<>> write(std::string_view piece) override {
    if (piece.empty()) co_return core::Result<>();
    std::string copy(piece);
    const bool taken = co_await pipe_->queue.push(std::move(copy));
    if (!taken) co_return core::fail(core::ErrorKind::unavailable, "the reader has gone");
    co_return core::Result<>();
  }

 private:
  std::shared_ptr<Pipe> pipe_;
};

class PipeBody final : public IncomingBody {
 public:
  PipeBody(std::shared_ptr<Pipe> pipe, std::shared_ptr<async::TaskGroup> writer)
      : pipe_(std::move(pipe)), writer_(std::move(writer)) {}
  ~PipeBody() override {
    pipe_->queue.close();
    writer_->cancel();
  }
  async::Task<core::Result<std::string>> read_some() override {
    auto piece = co_await pipe_->queue.pop();
    co_return piece ? std::move(*piece) : std::string();
  }

 private:
  std::shared_ptr<Pipe> pipe_;
  std::shared_ptr<async::TaskGroup> writer_;
};

class WholeBody final : public IncomingBody {
 public:
  explicit WholeBody(std::string body) : body_(std::move(body)) {}
  async::Task<core::Result<std::string>> read_some() override { co_return std::exchange(body_, {}); }

 private:
  std::string body_;
};

// The request is the coroutine's own, so that it lives as long as the stream.
async::Task<> write_stream(std::shared_ptr<const Request>, BodyStream stream, std::shared_ptr<Pipe> pipe) {
  PipeWriter writer(pipe);
  try {
    co_await stream(writer);
  } catch (...) {
    pipe->queue.close();
    throw;
  }
  pipe->queue.close();
}

async::Task<core::Result<Response>> call(Handler handler, std::shared_ptr<const Request> request) {
  co_return co_await handler(*request);
}

}  // namespace

struct InProcessTransport::State {
  asio::any_io_executor executor;
  Handler handler;
  async::Clock* clock;
  async::SystemClock system_clock = {};

  [[nodiscard]] async::Clock& time() { return clock != nullptr ? *clock : system_clock; }
};

InProcessTransport::InProcessTransport(asio::any_io_executor executor, Handler handler, async::Clock* clock)
    : state_(std::make_shared<State>(
          State{.executor = std::move(executor), .handler = std::move(handler), .clock = clock})) {}

InProcessTransport::~InProcessTransport() = default;

async::Task<core::Result<IncomingReply>> InProcessTransport::open(Request request, CallOptions options) {
  const std::shared_ptr<State> state = state_;
  request.peer.in_process = true;
  const auto shared_request = std::make_shared<const Request>(std::move(request));
  auto response = co_await async::with_timeout(state->time(), options.timeout, "the request",
                                               call(state->handler, shared_request));
  if (!response) co_return core::fail(std::move(response.error()));
  IncomingReply reply{.status = response->status, .headers = std::move(response->headers), .body = nullptr};
  if (auto* stream = std::get_if<BodyStream>(&response->body)) {
    auto pipe = std::make_shared<Pipe>(state->executor);
    auto group = std::make_shared<async::TaskGroup>(state->executor);
    group->spawn("in-process stream", write_stream(shared_request, std::move(*stream), pipe));
    reply.body = std::make_unique<PipeBody>(std::move(pipe), std::move(group));
  } else if (auto* shared = std::get_if<std::shared_ptr<const std::string>>(&response->body)) {
    reply.body = std::make_unique<WholeBody>(**shared);
  } else {
    reply.body = std::make_unique<WholeBody>(std::move(std::get<std::string>(response->body)));
  }
  co_return reply;
}

async::Task<core::Result<Reply>> InProcessTransport::send(Request request, CallOptions options) {
  auto opened = co_await open(std::move(request), options);
  if (!opened) co_return core::fail(std::move(opened.error()));
  Reply reply{.status = opened->status, .headers = std::move(opened->headers), .body = {}};
  while (true) {
    auto piece = co_await opened->body->read_some();
    if (!piece) co_return core::fail(std::move(piece.error()));
    if (piece->empty()) co_return reply;
    if (reply.body.size() + piece->size() > options.max_body) {
      co_return core::fail(core::ErrorKind::too_large,
                           "the answer is larger than " + std::to_string(options.max_body) + " bytes");
    }
    reply.body += *piece;
  }
}

}  // namespace net
