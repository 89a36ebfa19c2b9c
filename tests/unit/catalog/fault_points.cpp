#include "fault_points.hpp"

#include <utility>

namespace catalog {

namespace {

bool is_of_api_server(const net::Request& request) {
  return request.target.starts_with("/api");
}

bool counts(const net::Request& request) {
  if (!is_of_api_server(request)) return true;
  return request.method != "GET" && !request.target.contains("/events");
}

net::Reply failure(int status, std::string_view reason) {
  net::Reply reply;
  reply.status = status;
  reply.headers.set("Content-Type", "application/json");
  reply.body =
      R"({"kind":"Status","status":"Failure","reason":")" + std::string(reason) + R"(","message":"not now"})";
  return reply;
}

}  // namespace

class FaultyTransport final : public net::Transport {
 public:
  FaultyTransport(FaultPoints& faults, std::shared_ptr<net::Transport> behind)
      : faults_(faults), behind_(std::move(behind)) {}
  async::Task<core::Result<net::Reply>> send(net::Request request, net::CallOptions options) override {
    co_return co_await faults_.send(*behind_, std::move(request), options);
  }
  async::Task<core::Result<net::IncomingReply>> open(net::Request request,
                                                     net::CallOptions options) override {
    if (faults_.dead()) co_await faults_.die();
    co_return co_await behind_->open(std::move(request), options);
  }

 private:
  FaultPoints& faults_;
  std::shared_ptr<net::Transport> behind_;
};

std::unique_ptr<net::Transport> FaultPoints::around(std::shared_ptr<net::Transport> behind) {
  return std::make_unique<FaultyTransport>(*this, std::move(behind));
}

// Nothing is ever heard of it again.
async::Task<> FaultPoints::die() {
  dead_ = true;
  while (true) co_await never_.wait();
}

async::Task<core::Result<net::Reply>> FaultPoints::send(net::Transport& behind, net::Request request,
                                                        net::CallOptions options) {
  if (dead_) co_await die();
  if (other_ && request.method == method_ && request.target.contains(target_part_))
    std::exchange(other_, {})();
  if (!counts(request) || next_++ != chosen_) co_return co_await behind.send(std::move(request), options);
  met_ = true;
  if (other_) {
    std::exchange(other_, {})();
    co_return co_await behind.send(std::move(request), options);
  }
  core::Error broken{.kind = core::ErrorKind::unavailable, .message = "connection reset by peer"};
  switch (fault_) {
    case Fault::crash_before:
      co_await die();
      break;
    case Fault::unavailable:
      co_return core::fail(std::move(broken));
    case Fault::refused:
      co_return is_of_api_server(request) ? failure(409, "Conflict") : failure(500, "InternalError");
    case Fault::forbidden:
      if (is_of_api_server(request)) co_return failure(403, "Forbidden");
      co_return co_await behind.send(std::move(request), options);
    case Fault::crash_after:
    case Fault::lost:
      break;
  }
  core::Result<net::Reply> answer = co_await behind.send(std::move(request), options);
  if (fault_ == Fault::crash_after) co_await die();
  co_return core::fail(std::move(broken));
}

}  // namespace catalog
