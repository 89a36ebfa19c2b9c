// A Transport to a handler in the same process: the controllers of `service-catalog local` talk so to its API
// server. Streams go through a bounded queue, so that a slow reader slows the writer as a socket would.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "async/clock.hpp"
#include "net/transport.hpp"

namespace net {

class InProcessTransport final : public Transport {
 public:
  // `clock`: of the time limits; outlives the transport. null: the system's.
  InProcessTransport(boost::asio::any_io_executor executor, Handler handler, async::Clock* clock = nullptr);
  ~InProcessTransport() override;

  [[nodiscard]] async::Task<core::Result<Reply>> send(Request request, CallOptions options) override;
  [[nodiscard]] async::Task<core::Result<IncomingReply>> open(Request request, CallOptions options) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace net
