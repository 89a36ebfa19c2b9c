#include "serve.hpp"

#include <iostream>

#include <boost/asio/this_coro.hpp>

#include "async/shutdown.hpp"
#include "async/task_group.hpp"
#include "demo.hpp"
#include "net/router.hpp"
#include "net/server.hpp"

namespace {

async::Task<net::Response> answer(Demo& demo) {
  const Report report = co_await demo.run();
  co_return net::json_response(200, core::to_text(report.to_json()) + "\n");
}

std::string url(const std::string& address, std::uint16_t port) {
  const bool ipv6 = address.contains(':');
  return "http://" + (ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(port) + "/";
}

}  // namespace

async::Task<int> serve(Options options) {
  const auto executor = co_await boost::asio::this_coro::executor;
  Demo demo(executor, aws::process_environment);
  net::Router router;
  router.add("GET", "/", [&demo](const net::Request&, const net::PathParameters&) { return answer(demo); });

  net::ServerOptions server_options;
  server_options.address = options.address;
  server_options.port = options.port;
  auto server = net::Server::listen(executor, std::move(server_options),
                                    [&router](const net::Request& request) { return router.route(request); });
  if (!server) {
    std::cerr << "s3-demo cannot listen: " << server.error().message << "\n";
    co_return 1;
  }
  std::cout << "s3-demo serves " << url(options.address, (*server)->port()) << std::endl;

  async::TaskGroup tasks(executor);
  tasks.spawn("server", (*server)->run());
  co_await async::wait_for_shutdown_signal();
  (*server)->stop();
  co_await tasks.join();
  co_return 0;
}
