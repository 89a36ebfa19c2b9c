// What can go wrong at any one request of the controllers, to the API server or to a broker: the nth of them
// that changes something (or asks a broker) meets the chosen fault, once. Events do not count.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "async/event.hpp"
#include "net/transport.hpp"

namespace catalog {

enum class Fault {
  crash_before,  // the process dies before the request is sent
  crash_after,   // … after it was carried out, before its answer is known
  unavailable,   // no connection: not carried out
  lost,          // carried out, but the connection broke before the answer
  refused,       // not carried out: 409 of the API server, 500 of a broker
  forbidden,     // not carried out: 403 of the API server; brokers have none of it
};

class FaultPoints {
 public:
  explicit FaultPoints(boost::asio::any_io_executor executor) : never_(std::move(executor)) {}

  // The request of this number (from 0) meets the fault.
  void at(int request, Fault fault) {
    chosen_ = request;
    fault_ = fault;
  }
  // Before the request of this number something else happens.
  void before(int request, std::function<void()> other) {
    chosen_ = request;
    other_ = std::move(other);
  }
  // Before the next request of this method that has this in its target something else happens.
  void before_next(std::string method, std::string target_part, std::function<void()> other) {
    method_ = std::move(method);
    target_part_ = std::move(target_part);
    other_ = std::move(other);
  }
  [[nodiscard]] bool met() const { return met_; }
  // Until revive() nothing that a dead process does has an effect.
  [[nodiscard]] bool dead() const { return dead_; }
  void revive() { dead_ = false; }

  // A shared pointer without ownership will do for what outlives the transport.
  [[nodiscard]] std::unique_ptr<net::Transport> around(std::shared_ptr<net::Transport> behind);

 private:
  friend class FaultyTransport;
  [[nodiscard]] async::Task<core::Result<net::Reply>> send(net::Transport& behind, net::Request request,
                                                           net::CallOptions options);
  [[nodiscard]] async::Task<> die();

  async::Event never_;
  int chosen_ = -1;
  int next_ = 0;
  bool met_ = false;
  bool dead_ = false;
  Fault fault_ = Fault::crash_before;
  std::string method_, target_part_;
  std::function<void()> other_;
};

}  // namespace catalog
