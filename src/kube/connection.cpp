#include "kube/kubeconfig.hpp"

namespace kube {

core::Result<Connection> connect(boost::asio::any_io_executor executor, const Config& config,
                                 std::string user_agent, std::chrono::milliseconds timeout,
                                 const TransportAround& around) {
  net::ClientOptions options;
  options.tls = config.tls;
  // As many as reconcilers work at a time: a TLS handshake costs more than a request.
  options.max_idle_connections = 32;
  options.user_agent = user_agent;
  core::Result<std::unique_ptr<net::Client>> network =
      net::Client::create(std::move(executor), config.server, std::move(options));
  if (!network) return core::fail(network.error().with_context("connecting to " + config.server.to_string()));
  std::unique_ptr<net::Transport> transport = std::move(*network);
  if (around) transport = around(std::move(transport));
  auto client = std::make_unique<Client>(*transport, std::move(user_agent), config.token_source, timeout,
                                         config.server.path);
  return Connection{
      .transport = std::move(transport), .client = std::move(client), .namespace_ = config.namespace_};
}

}  // namespace kube
