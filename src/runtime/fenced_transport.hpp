// Keeps a process that may have lost its lease from acting: requests are refused from the moment on when the
// lease could have passed to another process. It is asked before each request, so that a process that was
// stopped (SIGSTOP, a paused machine) and goes on in the middle of its work sends nothing more, whatever its
// tasks think. What was on its way already is not called back: writes carry the version that they were
// decided on, calls of brokers an id that makes them repeatable.
//
// Executor: the loop's thread. Errors: those of the transport behind it, and unavailable where it refuses.
#pragma once

#include <functional>
#include <memory>

#include "net/transport.hpp"

namespace runtime {

class FencedTransport final : public net::Transport {
 public:
  enum class Refuses {
    writes,      // reading is harmless: GET passes
    everything,  // who answers must not even be asked by two
  };
  // may_act: LeaderElector::may_act of the process's elector, which outlives the transport.
  FencedTransport(std::unique_ptr<net::Transport> behind, Refuses refuses, std::function<bool()> may_act);

  [[nodiscard]] async::Task<core::Result<net::Reply>> send(net::Request request,
                                                           net::CallOptions options) override;
  [[nodiscard]] async::Task<core::Result<net::IncomingReply>> open(net::Request request,
                                                                   net::CallOptions options) override;

 private:
  [[nodiscard]] core::Result<> check(const net::Request& request) const;

  std::unique_ptr<net::Transport> behind_;
  Refuses refuses_;
  std::function<bool()> may_act_;
};

}  // namespace runtime
