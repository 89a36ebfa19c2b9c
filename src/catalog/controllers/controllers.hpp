// The catalog's controllers as one component: brokers, instances and bindings, cluster-wide and namespaced.
//
// Executor: the loop's thread. run() watches and reconciles until it is cancelled, then lets what is under
// way end, and returns after its tasks are joined. Everything it knows is in the API: it may be killed at any
// point.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "async/clock.hpp"
#include "catalog/controllers/broker_guard.hpp"
#include "core/metrics.hpp"
#include "kube/client.hpp"
#include "net/tls.hpp"
#include "net/transport.hpp"
#include "net/url.hpp"

namespace catalog {

struct ControllerOptions {
  std::chrono::milliseconds broker_relist_interval = std::chrono::hours(24);
  std::chrono::milliseconds operation_polling_maximum_backoff = std::chrono::minutes(20);
  std::chrono::milliseconds reconciliation_retry_duration = std::chrono::hours(168);
  std::chrono::milliseconds osb_api_request_timeout = std::chrono::seconds(60);
  std::chrono::milliseconds resync_interval = std::chrono::minutes(5);
  std::size_t concurrent_syncs = 5;  // per kind
  BrokerLimits broker_limits = {};
  kube::ObjectKey cluster_id_config_map{"default", "cluster-info"};
};

// How brokers are reached; the default is net::Client. Error: invalid (a CA bundle that cannot be read).
using ConnectBroker = std::function<core::Result<std::unique_ptr<net::Transport>>(const net::Url& broker,
                                                                                  const net::ClientTls& tls)>;

[[nodiscard]] ConnectBroker connect_over_network(boost::asio::any_io_executor executor);

class Controllers {
 public:
  // The client, clock and metrics outlive the controllers.
  Controllers(const boost::asio::any_io_executor& executor, kube::Client& client, async::Clock& clock,
              core::Metrics& metrics, ControllerOptions options = {}, ConnectBroker connect = {});
  ~Controllers();
  Controllers(const Controllers&) = delete;
  Controllers& operator=(const Controllers&) = delete;

  [[nodiscard]] async::Task<> run();
  // All kinds have been listed: what /readyz tells.
  [[nodiscard]] bool synced() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace catalog
