// What stands between the controllers and a broker: so many calls at a time, so many a second, and none while
// the broker does not work (policies/circuit.hpp). One for each broker; calls that wait hold no other
// broker's.
//
// Executor: the loop's thread. The time that a call waits for its turn is not counted in its time-out.
// Errors: those of the transport behind it, and unavailable with retry_after while the circuit is open.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "async/clock.hpp"
#include "async/event.hpp"
#include "catalog/policies/circuit.hpp"
#include "core/metrics.hpp"
#include "net/transport.hpp"

namespace catalog {

struct BrokerLimits {
  std::size_t concurrency = 40;           // calls at a time
  std::size_t requests_per_second = 500;  // a second's worth may come at once
};

class BrokerGuard final : public net::Transport {
 public:
  // broker: its name in messages and metrics. on_turn: called when the circuit opens or closes. The clock and
  // the metrics outlive the guard.
  BrokerGuard(boost::asio::any_io_executor executor, async::Clock& clock, core::Metrics& metrics,
              std::string broker, BrokerLimits limits, std::unique_ptr<net::Transport> behind,
              std::function<void()> on_turn);
  ~BrokerGuard() override;

  [[nodiscard]] async::Task<core::Result<net::Reply>> send(net::Request request,
                                                           net::CallOptions options) override;
  // No call of the specification streams: fails.
  [[nodiscard]] async::Task<core::Result<net::IncomingReply>> open(net::Request request,
                                                                   net::CallOptions options) override;

  // The metric of a broker that is gone: what alerts on it would never end otherwise.
  static void forget_circuit(core::Metrics& metrics, const std::string& broker);

 private:
  class Call;  // one that is under way

  [[nodiscard]] async::Task<> wait_for_rate();
  [[nodiscard]] core::Error refusal() const;
  void learn(const core::Result<net::Reply>& answer, const std::string& what);
  [[nodiscard]] bool is_closed() const { return circuit_.state() == Circuit::State::closed; }
  void show() const;

  async::Clock& clock_;
  core::Metrics& metrics_;
  std::string broker_;
  BrokerLimits limits_;
  std::unique_ptr<net::Transport> behind_;
  std::function<void()> on_turn_;
  Circuit circuit_;
  std::size_t under_way_ = 0;
  async::Event ended_;                    // a call
  async::Clock::TimePoint next_allowed_;  // by the rate, were the broker never left in peace
};

}  // namespace catalog
