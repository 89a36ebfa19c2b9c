// A client's bytes → the server: whatever arrives, each connection comes to its end, and what the handler
// sees is a request within the limits.
#include <cstdlib>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "async/task_group.hpp"
#include "core/log.hpp"
#include "net/router.hpp"
#include "net/server.hpp"
#include "testing/run.hpp"

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t max_body = 4096;

class Target {
 public:
  Target() {
    core::log::configure("text", "error");
    router_.add("PUT", "/v2/service_instances/{instance}", &Target::echo);
    auto listening = net::Server::listen(
        io_.get_executor(), {.tls = {}, .max_header_bytes = 4096, .max_body_bytes = max_body},
        [this](const net::Request& request) { return router_.route(request); });
    if (!listening) std::abort();
    server_ = std::move(*listening);
    tasks_.spawn("server", server_->run());
  }

  void serve(std::string bytes) { fakes::run(io_, send(std::move(bytes))); }

 private:
  static async::Task<net::Response> echo(const net::Request& request, const net::PathParameters& path) {
    if (request.body.size() > max_body || path.at("instance").empty()) std::abort();
    (void)net::Query::parse(request.query()).get("accepts_incomplete");
    co_return net::json_response(200, request.body);
  }

  async::Task<> send(std::string bytes) {
    tcp::socket socket(io_);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), server_->port()}, asio::use_awaitable);
    boost::system::error_code ignored;
    co_await asio::async_write(socket, asio::buffer(bytes),
                               asio::redirect_error(asio::use_awaitable, ignored));
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    std::string answer;
    co_await asio::async_read(socket, asio::dynamic_buffer(answer),
                              asio::redirect_error(asio::use_awaitable, ignored));
  }

  asio::io_context io_{1};
  net::Router router_;
  std::unique_ptr<net::Server> server_;
  async::TaskGroup tasks_{io_.get_executor()};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static auto* const target = new Target;  // its server runs until the process ends
  target->serve(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
