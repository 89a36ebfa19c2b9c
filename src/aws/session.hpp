// What every AWS client shares: region, identity, endpoints, connections, retries. One per region and
// identity.
//
// Executor: the loop's thread. Every call has a deadline of its own and is retried within the session's retry
// budget.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "async/clock.hpp"
#include "aws/credentials/provider.hpp"
#include "aws/endpoints.hpp"
#include "aws/retries.hpp"
#include "net/transport.hpp"

namespace aws {

// Told after every attempt; outcome is "ok" or the error's code or kind.
struct CallRecord {
  Service service;
  std::string operation;
  std::string outcome;
  bool throttled = false;
  double seconds = 0;
};
using CallObserver = std::function<void(const CallRecord&)>;

// How a session reaches an endpoint; tests put a fake transport here.
using TransportFactory = std::function<core::Result<std::unique_ptr<net::Transport>>(const Endpoint&)>;
[[nodiscard]] TransportFactory socket_transports(boost::asio::any_io_executor executor);

struct SessionOptions {
  std::string region;
  std::shared_ptr<CredentialsProvider> credentials;
  TransportFactory transports;
  async::Clock* clock = nullptr;  // outlives the session
  Environment environment = process_environment;
  CallObserver observer;
  RetryPolicy retries;
  std::chrono::milliseconds timeout{30'000};  // of one attempt
};

class Session {
 public:
  explicit Session(SessionOptions options);

  [[nodiscard]] const std::string& region() const { return options_.region; }
  [[nodiscard]] const SessionOptions& options() const { return options_; }
  [[nodiscard]] core::Result<Endpoint> endpoint(Service service) const;

  // `timeout`: of one attempt, where it is not the options'. Signs and sends; answers with status ≥ 300 are
  // errors (errors.hpp). A Host header in the request overrides the endpoint's (S3 buckets).
  [[nodiscard]] async::Task<core::Result<net::Reply>> call(
      Service service, std::string operation, net::Request request,
      Repetition repetition = Repetition::harmless, std::optional<std::chrono::milliseconds> timeout = {});

 private:
  [[nodiscard]] async::Task<core::Result<net::Reply>> attempt(Service service, net::Request request,
                                                              std::chrono::milliseconds timeout);
  [[nodiscard]] core::Result<net::Transport*> transport(Service service, const Endpoint& endpoint);
  void learn_clock_skew(const net::Reply& reply, const core::Error& error);

  SessionOptions options_;
  RetryBudget budget_;
  std::map<std::string, std::unique_ptr<net::Transport>> transports_;  // by origin
  std::chrono::milliseconds clock_skew_{0};                            // AWS's clock minus ours
};

}  // namespace aws
