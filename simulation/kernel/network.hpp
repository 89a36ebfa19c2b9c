// The network between simulated processes: requests and answers as values, each with a fate of its own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "net/transport.hpp"
#include "simulation/kernel/process.hpp"
#include "simulation/kernel/timeline.hpp"

namespace simulation {

// What becomes of one request. By default it arrives, is handled once, and its answer arrives.
struct MessageFate {
  milliseconds there{0}, back{0};
  bool is_refused = false;      // nobody is reached
  bool is_lost = false;         // the request does not arrive, and nobody says so
  bool is_doubled = false;      // it is handled a second time, as after a proxy's repetition
  bool loses_answer = false;    // it is handled, and the connection breaks
  int status_instead = 0;       // not handled: this status
  int status_after = 0;         // handled, and answered with this status
  bool garbles_answer = false;  // handled; the body of a success is cut and is no JSON any more
  // Who dies, and when.
  bool kills_client_before = false, kills_client_after = false;
  bool kills_server_before = false, kills_server_after = false;
  // Of a stream: when it breaks, and how late each piece is.
  std::optional<milliseconds> breaks_after;
  milliseconds late{0};
};

struct Link {
  const std::string& client;  // the process's name
  const std::string& server;  // the name that it is reached by
};
// A request that was handled, with its answer, as both sides' wire had it. `reply` is null where there was
// none. `call` counts the requests that were sent: a doubled one is handled twice.
struct Exchange {
  Link link;
  std::uint64_t call;
  const net::Request& request;
  const net::Reply* reply;
};

class Network {
 public:
  explicit Network(Timeline& timeline) : timeline_(timeline) {}

  // What `server` answers under that name, while it lives this life.
  void serve(const std::string& name, Process& server, net::Handler handler);
  // `client` outlives the transport.
  [[nodiscard]] std::unique_ptr<net::Transport> connect(Process& client, std::string server);

  std::function<MessageFate(const Link&, const net::Request&)> decide;  // empty: all goes well
  std::function<void(const Exchange&)> observe;
  // A request was sent; whatever becomes of it.
  std::function<void(const Link&, std::uint64_t call, const net::Request&)> observe_request;
  // What its client got: not where it has died, or does not wait any more. Not of streams.
  std::function<void(const Link&, std::uint64_t call, const core::Result<net::Reply>&)> observe_answer;

 private:
  class Connection;
  struct Served {
    Process* process = nullptr;
    std::uint64_t life = 0;
    net::Handler handler;
  };
  struct Call;
  struct Stream;
  void arrive(const std::shared_ptr<Call>& call);
  [[nodiscard]] static async::Task<> handle(Network& network, std::shared_ptr<Call> call);
  [[nodiscard]] static async::Task<> write_stream(Network& network, std::shared_ptr<Call> call,
                                                  std::shared_ptr<Stream> stream,
                                                  const net::BodyStream& write);
  [[nodiscard]] const Served* served(const std::string& name) const;

  Timeline& timeline_;
  std::uint64_t calls_ = 0;
  std::map<std::string, Served> servers_;
};

}  // namespace simulation
