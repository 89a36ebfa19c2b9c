#include "catalog/controllers/broker_guard.hpp"

#include "core/log.hpp"

namespace catalog {

using std::chrono::seconds;

namespace {

// The same words whether the call was made or not, so that a condition that repeats them does not change.
constexpr const char* when_not_called = " (its last calls failed, so it is called only occasionally)";

}  // namespace

// Counts a call that is under way, also where it is cancelled.
class BrokerGuard::Call {
 public:
  explicit Call(BrokerGuard& guard) : guard_(guard) { ++guard_.under_way_; }
  ~Call() {
    --guard_.under_way_;
    guard_.ended_.notify();
    if (admitted_) guard_.circuit_.abandoned();
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  [[nodiscard]] bool admit() { return admitted_ = guard_.circuit_.admit(guard_.clock_.now()); }
  void ended(const core::Result<net::Reply>& answer, const std::string& what) {
    admitted_ = false;
    guard_.learn(answer, what);
  }

 private:
  BrokerGuard& guard_;
  bool admitted_ = false;
};

BrokerGuard::BrokerGuard(boost::asio::any_io_executor executor, async::Clock& clock, core::Metrics& metrics,
                         std::string broker, BrokerLimits limits, std::unique_ptr<net::Transport> behind,
                         std::function<void()> on_turn)
    : clock_(clock),
      metrics_(metrics),
      broker_(std::move(broker)),
      limits_(limits),
      behind_(std::move(behind)),
      on_turn_(std::move(on_turn)),
      ended_(std::move(executor)) {
  show();
}

BrokerGuard::~BrokerGuard() = default;

async::Task<core::Result<net::Reply>> BrokerGuard::send(net::Request request, net::CallOptions options) {
  while (is_closed() && under_way_ >= limits_.concurrency) co_await ended_.wait();
  Call call(*this);
  co_await wait_for_rate();
  if (!call.admit()) co_return core::fail(refusal());
  const std::string what(request.path());
  core::Result<net::Reply> answer = co_await behind_->send(std::move(request), options);
  call.ended(answer, what);
  if (!answer && !is_closed()) answer.error().message += when_not_called;
  co_return answer;
}

async::Task<core::Result<net::IncomingReply>> BrokerGuard::open(net::Request, net::CallOptions) {
  co_return core::fail(core::ErrorKind::invalid, "a broker's answers are not streamed");
}

async::Task<> BrokerGuard::wait_for_rate() {
  const auto each = std::chrono::nanoseconds(seconds(1)) / limits_.requests_per_second;
  const auto now = clock_.now();
  const auto at = std::max(next_allowed_, now - seconds(1));
  next_allowed_ = at + each;
  if (at > now) co_await clock_.sleep_until(at);
}

core::Error BrokerGuard::refusal() const {
  const Circuit::milliseconds wait = circuit_.wait(clock_.now());
  core::Error error{.kind = core::ErrorKind::unavailable};
  error.retry_after = std::max(seconds(1), std::chrono::ceil<seconds>(wait));
  error.message = circuit_.last_error() + when_not_called;
  return error;
}

void BrokerGuard::learn(const core::Result<net::Reply>& answer, const std::string& what) {
  const bool was_closed = is_closed();
  core::Error error;
  if (!answer) {
    error = answer.error();
  } else {
    error.http_status = answer->status;
    error.message = "the broker answered with status " + std::to_string(answer->status);
  }
  if (Circuit::counts(error)) {
    circuit_.failed(error, what, clock_.now());
  } else {
    circuit_.succeeded(what);
  }
  if (is_closed() == was_closed) return;
  show();
  if (was_closed) {
    core::log::warn("The broker is called only occasionally",
                    {{"broker", broker_}, {"last_error", circuit_.last_error()}});
  } else {
    core::log::info("The broker works again", {{"broker", broker_}});
  }
  on_turn_();
}

void BrokerGuard::forget_circuit(core::Metrics& metrics, const std::string& broker) {
  metrics.forget_gauge("servicecatalog_broker_circuit_open", {{"broker", broker}});
}

void BrokerGuard::show() const {
  metrics_.set_gauge("servicecatalog_broker_circuit_open",
                     "1 while a broker is called only occasionally because its last calls failed.",
                     {{"broker", broker_}}, is_closed() ? 0 : 1);
}

}  // namespace catalog
