#include "runtime/fenced_transport.hpp"

namespace runtime {

FencedTransport::FencedTransport(std::unique_ptr<net::Transport> behind, Refuses refuses,
                                 std::function<bool()> may_act)
    : behind_(std::move(behind)), refuses_(refuses), may_act_(std::move(may_act)) {}

core::Result<> FencedTransport::check(const net::Request& request) const {
  if (refuses_ == Refuses::writes && request.method == "GET") return {};
  if (may_act_()) return {};
  return core::fail(core::ErrorKind::unavailable,
                    "not sent: this process does not hold the Lease, another one may be the leader");
}

async::Task<core::Result<net::Reply>> FencedTransport::send(net::Request request, net::CallOptions options) {
  if (core::Result<> allowed = check(request); !allowed) co_return core::fail(std::move(allowed.error()));
  co_return co_await behind_->send(std::move(request), options);
}

async::Task<core::Result<net::IncomingReply>> FencedTransport::open(net::Request request,
                                                                    net::CallOptions options) {
  if (core::Result<> allowed = check(request); !allowed) co_return core::fail(std::move(allowed.error()));
  co_return co_await behind_->open(std::move(request), options);
}

}  // namespace runtime
