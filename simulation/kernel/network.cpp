#include "simulation/kernel/network.hpp"

#include <deque>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "async/event.hpp"
#include "async/task_group.hpp"
#include "async/wait.hpp"

namespace simulation {

namespace asio = boost::asio;
using core::ErrorKind;
using core::fail;

namespace {

// For a coroutine whose process is about to be killed.
async::Task<> never() {
  async::Event nothing(co_await asio::this_coro::executor);
  co_await nothing.wait();
}

}  // namespace

// Between both ends of a body that comes piece by piece. The events are the ends' own: an end takes its own
// away when it goes.
struct Network::Stream {
  std::deque<std::string> pieces;
  std::size_t arrived = 0;  // pieces, ever
  bool is_ended = false;
  bool is_broken = false;
  bool is_left = false;  // by the reader
  Instant last_arrival;
  async::Event* reader = nullptr;
  async::Event* writer = nullptr;

  void wake_reader() const {
    if (reader != nullptr) reader->notify();
  }
  void wake_writer() const {
    if (writer != nullptr) writer->notify();
  }
};

struct Network::Call {
  std::uint64_t number = 0;
  std::string client_name, server_name;
  Process* client = nullptr;
  std::uint64_t client_life = 0;
  MessageFate fate;
  net::Request request;
  std::optional<core::Result<net::IncomingReply>> result;
  async::Event* waiter = nullptr;  // in the client's frame; null once it has gone

  [[nodiscard]] Link link() const { return {.client = client_name, .server = server_name}; }
  void settle(core::Result<net::IncomingReply> outcome) {
    if (result || waiter == nullptr) return;
    result.emplace(std::move(outcome));
    waiter->notify();
  }
};

class Network::Connection final : public net::Transport {
 public:
  Connection(Network& network, Process& client, std::string server)
      : network_(network), client_(client), server_(std::move(server)) {}

  async::Task<core::Result<net::IncomingReply>> open(net::Request request,
                                                     net::CallOptions options) override {
    return open(++network_.calls_, std::move(request), options);
  }
  async::Task<core::Result<net::Reply>> send(net::Request request, net::CallOptions options) override;

 private:
  [[nodiscard]] async::Task<core::Result<net::IncomingReply>> open(std::uint64_t number, net::Request request,
                                                                   net::CallOptions options);
  [[nodiscard]] async::Task<core::Result<net::Reply>> whole(std::uint64_t number, net::Request request,
                                                            net::CallOptions options);

  class WholeBody;
  class PieceBody;
  class Waiter;
  friend class Network;

  Network& network_;
  Process& client_;
  std::string server_;
};

class Network::Connection::WholeBody final : public net::IncomingBody {
 public:
  explicit WholeBody(std::string body) : body_(std::move(body)) {}
  async::Task<core::Result<std::string>> read_some() override { co_return std::exchange(body_, {}); }

 private:
  std::string body_;
};

class Network::Connection::PieceBody final : public net::IncomingBody {
 public:
  PieceBody(const asio::any_io_executor& executor, std::shared_ptr<Stream> stream)
      : stream_(std::move(stream)), arrived_(executor) {
    stream_->reader = &arrived_;
  }
  ~PieceBody() override {
    stream_->reader = nullptr;
    stream_->is_left = true;
    stream_->wake_writer();
  }
  async::Task<core::Result<std::string>> read_some() override {
    while (stream_->pieces.empty() && !stream_->is_ended && !stream_->is_broken) co_await arrived_.wait();
    if (stream_->is_broken) co_return fail(ErrorKind::unavailable, "the connection was lost");
    if (stream_->pieces.empty()) co_return std::string();
    std::string piece = std::move(stream_->pieces.front());
    stream_->pieces.pop_front();
    stream_->wake_writer();
    co_return piece;
  }

 private:
  std::shared_ptr<Stream> stream_;
  async::Event arrived_;
};

// What a call wakes, as long as its caller is there.
class Network::Connection::Waiter {
 public:
  Waiter(const asio::any_io_executor& executor, std::shared_ptr<Call> call)
      : event(executor), call_(std::move(call)) {
    call_->waiter = &event;
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() {
    call_->waiter = nullptr;
    call_->result.reset();  // what it holds belongs to the client's loop
  }
  async::Event event;

 private:
  std::shared_ptr<Call> call_;
};

async::Task<core::Result<net::IncomingReply>> Network::Connection::open(std::uint64_t number,
                                                                        net::Request request,
                                                                        net::CallOptions options) {
  const auto call = std::make_shared<Call>();
  call->number = number;
  call->client_name = client_.name();
  call->server_name = server_;
  call->client = &client_;
  call->client_life = client_.life();
  call->request = std::move(request);
  if (network_.decide) call->fate = network_.decide(call->link(), call->request);
  const MessageFate& fate = call->fate;
  if (fate.kills_client_before) {
    client_.doom();
    co_await never();
  }
  if (network_.observe_request) network_.observe_request(call->link(), number, call->request);
  Waiter waiter(co_await asio::this_coro::executor, call);
  const Instant deadline = network_.timeline_.now() + options.timeout;
  if (fate.is_refused) {
    network_.timeline_.after(fate.there, [call] {
      call->settle(fail(ErrorKind::unavailable, call->server_name + ": connection refused"));
    });
  } else if (!fate.is_lost) {
    network_.timeline_.after(fate.there, [&network = network_, call] { network.arrive(call); });
  }
  co_await async::wait_until(client_.clock(), waiter.event, deadline);
  if (!call->result) co_return fail(ErrorKind::timeout, "the request took too long");
  if (fate.kills_client_after) {
    client_.doom();
    co_await never();
  }
  co_return std::move(*call->result);
}

async::Task<core::Result<net::Reply>> Network::Connection::send(net::Request request,
                                                                net::CallOptions options) {
  const std::uint64_t number = ++network_.calls_;
  auto got = co_await whole(number, std::move(request), options);
  if (network_.observe_answer)
    network_.observe_answer({.client = client_.name(), .server = server_}, number, got);
  co_return got;
}

async::Task<core::Result<net::Reply>> Network::Connection::whole(std::uint64_t number, net::Request request,
                                                                 net::CallOptions options) {
  auto opened = co_await open(number, std::move(request), options);
  if (!opened) co_return fail(std::move(opened.error()));
  net::Reply reply{.status = opened->status, .headers = std::move(opened->headers), .body = {}};
  while (true) {
    auto piece = co_await opened->body->read_some();
    if (!piece) co_return fail(std::move(piece.error()));
    if (piece->empty()) co_return reply;
    if (reply.body.size() + piece->size() > options.max_body)
      co_return fail(ErrorKind::too_large, "the answer is too large");
    reply.body += *piece;
  }
}

namespace {

// The answer of a call whose handler's process has died under it.
template <class Lost>
class LostUnless {
 public:
  explicit LostUnless(Lost lost) : lost_(std::move(lost)) {}
  LostUnless(const LostUnless&) = delete;
  LostUnless& operator=(const LostUnless&) = delete;
  ~LostUnless() {
    if (!is_answered) lost_();
  }
  bool is_answered = false;

 private:
  Lost lost_;
};

}  // namespace

void Network::serve(const std::string& name, Process& server, net::Handler handler) {
  servers_[name] = {.process = &server, .life = server.life(), .handler = std::move(handler)};
}

std::unique_ptr<net::Transport> Network::connect(Process& client, std::string server) {
  return std::make_unique<Connection>(*this, client, std::move(server));
}

const Network::Served* Network::served(const std::string& name) const {
  const auto found = servers_.find(name);
  if (found == servers_.end()) return nullptr;
  const Process& process = *found->second.process;
  return process.is_running() && process.life() == found->second.life ? &found->second : nullptr;
}

void Network::arrive(const std::shared_ptr<Call>& call) {
  const Served* server = served(call->server_name);
  const auto lose = [this, call](const char* why) {
    timeline_.after(call->fate.back, [call, why] {
      call->settle(fail(ErrorKind::unavailable, call->server_name + ": " + why));
    });
  };
  if (server == nullptr) return lose("connection refused");
  if (call->fate.kills_server_before) {
    server->process->doom();
    return lose("connection reset");
  }
  if (call->fate.status_instead != 0) {
    timeline_.after(call->fate.back, [call] {
      call->settle(net::IncomingReply{
          .status = call->fate.status_instead,
          .headers = {},
          .body = std::make_unique<Connection::WholeBody>("something between has failed")});
    });
    return;
  }
  asio::co_spawn(server->process->executor(), handle(*this, call), asio::detached);
}

async::Task<> Network::handle(Network& network, std::shared_ptr<Call> call) {
  const Served server = *network.served(call->server_name);
  Timeline& timeline = network.timeline_;
  const milliseconds back = call->fate.back;
  LostUnless answer([&timeline, call, back] {
    timeline.after(back, [call] {
      call->settle(fail(ErrorKind::unavailable, call->server_name + ": connection reset"));
    });
  });
  net::Response response = co_await server.handler(call->request);
  if (call->fate.is_doubled) {
    if (const auto* text = std::get_if<std::string>(&response.body); text != nullptr && network.observe) {
      const net::Reply first{.status = response.status, .headers = response.headers, .body = *text};
      network.observe(
          {.link = call->link(), .call = call->number, .request = call->request, .reply = &first});
    }
    response = co_await server.handler(call->request);
  }
  if (auto* stream = std::get_if<net::BodyStream>(&response.body)) {
    const auto shared = std::make_shared<Stream>();
    const net::BodyStream write = std::move(*stream);
    answer.is_answered = true;
    timeline.after(back, [call, shared, status = response.status, headers = response.headers] {
      if (call->waiter == nullptr) {
        shared->is_left = true;
        shared->wake_writer();
        return;
      }
      call->settle(net::IncomingReply{
          .status = status,
          .headers = headers,
          .body = std::make_unique<Connection::PieceBody>(call->client->executor(), shared)});
    });
    co_return co_await write_stream(network, call, shared, write);
  }
  std::string body;
  if (const auto* whole = std::get_if<std::shared_ptr<const std::string>>(&response.body)) {
    body = **whole;
  } else {
    body = std::get<std::string>(response.body);
  }
  const net::Reply reply{
      .status = response.status, .headers = std::move(response.headers), .body = std::move(body)};
  if (network.observe) {
    network.observe({.link = call->link(), .call = call->number, .request = call->request, .reply = &reply});
  }
  if (call->fate.kills_server_after) {
    server.process->doom();
    co_return co_await never();
  }
  if (call->fate.loses_answer) co_return;
  answer.is_answered = true;
  timeline.after(back, [call, reply] {
    std::string text = reply.body;
    if (call->fate.garbles_answer && reply.status < 400) text = text.substr(0, text.size() / 2) + "\x01<";
    const int status = call->fate.status_after != 0 ? call->fate.status_after : reply.status;
    call->settle(net::IncomingReply{.status = status,
                                    .headers = reply.headers,
                                    .body = std::make_unique<Connection::WholeBody>(std::move(text))});
  });
}

// Until the stream ends, breaks, or its reader goes.
async::Task<> Network::write_stream(Network& network, std::shared_ptr<Call> call,
                                    std::shared_ptr<Stream> stream, const net::BodyStream& write) {
  constexpr std::size_t most_in_flight = 64;
  Timeline& timeline = network.timeline_;
  const asio::any_io_executor executor = co_await asio::this_coro::executor;

  class Writer final : public net::BodyWriter {
   public:
    Writer(Timeline& timeline, std::shared_ptr<Call> call, std::shared_ptr<Stream> stream, async::Event& room)
        : timeline_(timeline), call_(std::move(call)), stream_(std::move(stream)), room_(room) {}
    async::Task<core::Result<>> write(std::string_view piece) override {
      if (piece.empty()) co_return core::Result<>();
      std::string copy(piece);
      while (sent_ - taken() >= most_in_flight && !gone()) co_await room_.wait();
      if (gone()) co_return fail(ErrorKind::unavailable, "the reader has gone");
      ++sent_;
      stream_->last_arrival =
          std::max(stream_->last_arrival, timeline_.now() + call_->fate.back + call_->fate.late);
      timeline_.at(stream_->last_arrival, [stream = stream_, text = std::move(copy)]() {
        if (stream->is_left || stream->is_broken) return;
        stream->pieces.push_back(text);
        stream->arrived++;
        stream->wake_reader();
      });
      co_return core::Result<>();
    }

   private:
    [[nodiscard]] bool gone() const { return stream_->is_left || stream_->is_broken; }
    [[nodiscard]] std::size_t taken() const { return stream_->arrived - stream_->pieces.size(); }
    Timeline& timeline_;
    std::shared_ptr<Call> call_;
    std::shared_ptr<Stream> stream_;
    async::Event& room_;
    std::size_t sent_ = 0;
  };

  // However this task ends, the reader learns of it.
  LostUnless end([&timeline, call, stream] {
    stream->writer = nullptr;
    timeline.at(std::max(stream->last_arrival, timeline.now() + call->fate.back), [stream] {
      stream->is_broken = true;
      stream->wake_reader();
    });
  });
  async::Event left(executor);
  stream->writer = &left;
  if (call->fate.breaks_after) {
    timeline.after(*call->fate.breaks_after, [stream] {
      stream->is_broken = true;
      stream->wake_reader();
      stream->wake_writer();
    });
  }
  async::TaskGroup group(executor);
  async::Event room(executor);
  bool is_done = false;
  const auto run = [&]() -> async::Task<> {
    Writer writer(timeline, call, stream, room);
    co_await write(writer);
    is_done = true;
    left.notify();
  };
  group.spawn("stream", run());
  while (!is_done && !stream->is_left && !stream->is_broken) {
    co_await left.wait();
    room.notify();
  }
  group.cancel();
  co_await group.join();
  stream->writer = nullptr;
  end.is_answered = true;
  timeline.at(std::max(stream->last_arrival, timeline.now() + call->fate.back), [stream] {
    stream->is_ended = true;
    stream->wake_reader();
  });
}

}  // namespace simulation
