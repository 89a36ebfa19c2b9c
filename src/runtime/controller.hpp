// Runs reconciles: N at a time, never two for the same key, from informers' changes through a work queue.
//
// The contract of a Reconciler, on one screen:
//   reconcile(key) brings the world towards what the object named by key asks for. It is told only *which*
//   object, not what happened to it: it reads the object from the store (null: it is gone), decides, and
//   takes one or more steps. It may be called at any time, again, and after a crash: every step is
//   idempotent. It returns
//     Next::done()             nothing to do until something changes; the key's backoff starts afresh
//     Next::after(duration)    the same, and look again after the duration at the latest
//     an error                 called again with the key's own exponential backoff, not before
//                              error.retry_after; logged
//   Where the error is not transient (a missing right, an object that the API server does not take), somebody
//   may have to repair something: it is logged as an error, and told to on_refusal when it comes again.
//   An exception (a bug) and a reconcile longer than reconcile_timeout, which is cancelled, count as
//   transient errors. Cancellation of run() cancels the reconciles under way (they see operation_aborted) and
//   waits for them.
//
// Owner: whoever spawns run(). Executor: the loop's. Metrics: runtime_reconcile_total{controller, result},
// runtime_reconcile_seconds{controller}, runtime_queue_depth{controller}, runtime_busy_workers{controller}.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "core/metrics.hpp"
#include "runtime/informer.hpp"
#include "runtime/work_queue.hpp"

namespace runtime {

namespace asio = boost::asio;

struct Next {
  std::optional<std::chrono::milliseconds> requeue_after;

  [[nodiscard]] static Next done() { return {}; }
  [[nodiscard]] static Next after(std::chrono::milliseconds delay) { return {.requeue_after = delay}; }
};

class Reconciler {
 public:
  virtual ~Reconciler() = default;
  [[nodiscard]] virtual async::Task<core::Result<Next>> reconcile(ObjectKey key) = 0;
};

// The next call may well work: error.retryable(), a conflict (it reads a newer object), a bug.
[[nodiscard]] bool is_transient(const core::Error& error);

struct ControllerOptions {
  std::string name;  // "service-instance": in logs and metrics
  std::size_t concurrency = 5;
  async::BackoffPolicy backoff = WorkQueue::default_backoff;
  std::chrono::milliseconds reconcile_timeout = std::chrono::minutes(5);
  core::Metrics* metrics = nullptr;
  // What a reconcile of the key waits for (a broker), so that what hangs holds only its share of the workers
  // (work_queue.hpp); absent: nothing in particular.
  std::function<std::string(const ObjectKey&)> group_of;
  // The same key failed again, by an error that is not transient.
  std::function<void(const ObjectKey&, const core::Error&)> on_refusal;
};

class Controller {
 public:
  // The keys to reconcile because of a change; none: the change does not matter here.
  using Mapping = std::function<std::vector<ObjectKey>(const Change&)>;

  // All references outlive the controller.
  Controller(asio::any_io_executor executor, async::Clock& clock, Reconciler& reconciler,
             ControllerOptions options);

  // Reconciles at changes of this informer's objects: the object's own key, or what `mapping` says. run()
  // starts no reconcile before each watched informer has synced. To be called before run().
  void watch(Informer& informer);
  void watch(Informer& informer, Mapping mapping);
  // For what is no informer: a poll that is due, a request of a person.
  void enqueue(ObjectKey key) { queue_.add(std::move(key)); }
  void enqueue_after(ObjectKey key, std::chrono::milliseconds delay) {
    queue_.add_after(std::move(key), delay);
  }

  [[nodiscard]] async::Task<> run();
  [[nodiscard]] const WorkQueue& queue() const { return queue_; }

 private:
  [[nodiscard]] async::Task<> work();
  [[nodiscard]] async::Task<core::Result<Next>> reconcile(ObjectKey key);
  [[nodiscard]] async::Task<core::Result<Next>> reconcile_guarded(ObjectKey key);
  void settle(const ObjectKey& key, const core::Result<Next>& outcome,
              async::Clock::TimePoint::duration took);

  asio::any_io_executor executor_;
  async::Clock& clock_;
  Reconciler& reconciler_;
  ControllerOptions options_;
  WorkQueue queue_;
  std::vector<Informer*> watched_;
  std::shared_ptr<void> depth_gauge_;
};

}  // namespace runtime
