#include "runtime/controller.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include "async/timeout.hpp"
#include "core/log.hpp"

namespace runtime {
namespace {

using core::ErrorKind;
using std::chrono::milliseconds;

// Gives a key back to the queue also when its reconcile is cancelled.
class Processing {
 public:
  Processing(WorkQueue& queue, ObjectKey key) : queue_(queue), key_(std::move(key)) {}
  ~Processing() { queue_.done(key_); }
  Processing(const Processing&) = delete;
  Processing& operator=(const Processing&) = delete;

 private:
  WorkQueue& queue_;
  ObjectKey key_;
};

}  // namespace

bool is_transient(const core::Error& error) {
  return error.retryable() || error.kind == ErrorKind::conflict || error.kind == ErrorKind::internal;
}

Controller::Controller(asio::any_io_executor executor, async::Clock& clock, Reconciler& reconciler,
                       ControllerOptions options)
    : executor_(std::move(executor)),
      clock_(clock),
      reconciler_(reconciler),
      options_(std::move(options)),
      queue_(executor_, clock, options_.backoff, {.of = options_.group_of, .workers = options_.concurrency}) {
  if (options_.metrics == nullptr) return;
  depth_gauge_ = options_.metrics->before_render([this] {
    options_.metrics->set_gauge("runtime_queue_depth", "Keys that wait for a worker",
                                {{"controller", options_.name}}, static_cast<double>(queue_.size()));
    options_.metrics->set_gauge("runtime_busy_workers", "Keys that are being reconciled",
                                {{"controller", options_.name}}, static_cast<double>(queue_.processing()));
  });
}

void Controller::watch(Informer& informer) {
  watch(informer, [](const Change& change) { return std::vector{change.key()}; });
}

void Controller::watch(Informer& informer, Mapping mapping) {
  watched_.push_back(&informer);
  informer.store().on_change([this, mapping = std::move(mapping)](const Change& change) {
    for (ObjectKey& key : mapping(change)) queue_.add(std::move(key));
  });
}

async::Task<> Controller::run() {
  for (Informer* informer : watched_) co_await informer->wait_until_synced();
  async::TaskGroup group(executor_);
  group.spawn(options_.name + " delays", queue_.run());
  for (std::size_t i = 0; i < options_.concurrency; ++i) {
    group.spawn(options_.name + " worker " + std::to_string(i + 1), work());
  }
  co_await group.join();
}

async::Task<> Controller::work() {
  while (true) {
    const std::optional<ObjectKey> key = co_await queue_.get();
    if (!key) co_return;
    const Processing processing(queue_, *key);
    const auto started = clock_.now();
    const core::Result<Next> outcome = co_await reconcile(*key);
    settle(*key, outcome, clock_.now() - started);
  }
}

async::Task<core::Result<Next>> Controller::reconcile(ObjectKey key) {
  std::string what = "reconciling " + key.to_string();
  co_return co_await async::with_timeout(clock_, options_.reconcile_timeout, std::move(what),
                                         reconcile_guarded(std::move(key)));
}

// Exceptions are made errors here, inside the time-out: cancellation passes.
async::Task<core::Result<Next>> Controller::reconcile_guarded(ObjectKey key) {
  std::exception_ptr exception;
  std::string message;
  try {
    co_return co_await reconciler_.reconcile(std::move(key));
  } catch (const std::exception& thrown) {
    exception = std::current_exception();
    message = thrown.what();
  }
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) std::rethrow_exception(exception);
  co_return core::fail(ErrorKind::internal, "unexpected exception: " + message);
}

void Controller::settle(const ObjectKey& key, const core::Result<Next>& outcome,
                        async::Clock::TimePoint::duration took) {
  std::string_view result = "done";
  if (outcome) {
    queue_.forget(key);
    const Next& next = *outcome;
    if (next.requeue_after) queue_.add_after(key, *next.requeue_after);
  } else {
    const core::Error& error = outcome.error();
    const milliseconds at_least = error.retry_after ? milliseconds(*error.retry_after) : milliseconds::zero();
    queue_.add_rate_limited(key, at_least);
    const bool transient = is_transient(error);
    result = transient ? "retry" : "failed";
    const auto tell = transient ? core::log::warn : core::log::error;
    tell("Reconcile failed and will be tried again", {{"controller", options_.name},
                                                      {"object", key.to_string()},
                                                      {"error", error.message},
                                                      {"failures", queue_.failures(key)}});
    // The first may be about an object that is just going.
    if (!transient && queue_.failures(key) > 1 && options_.on_refusal) options_.on_refusal(key, error);
  }
  if (options_.metrics == nullptr) return;
  options_.metrics->increment("runtime_reconcile_total", "Reconciles by result",
                              {{"controller", options_.name}, {"result", std::string(result)}});
  options_.metrics->observe_seconds("runtime_reconcile_seconds", "Duration of reconciles",
                                    {{"controller", options_.name}},
                                    std::chrono::duration<double>(took).count());
}

}  // namespace runtime
