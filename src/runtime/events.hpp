// Records core/v1 Events on objects. record() never waits and never fails: it puts the event into a bounded
// queue, which run() writes to the API server one by one; when the queue is full the event is dropped and
// counted in a log line.
//
// As client-go does it: the same event again (object, type, reason, message) raises the count of the first
// one by a patch; more than 10 events of an object with the same reason within 10 minutes become one
// "(combined from similar events)"; an object gets at most 25 in a burst, then one in 5 minutes. Messages are
// cut at 1024 characters. No secret may come here.
//
// Owner: whoever spawns run(). Executor: the loop's. Cancellation: of run(); what is queued then is lost.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "async/backoff.hpp"
#include "async/bounded_queue.hpp"
#include "async/clock.hpp"
#include "kube/client.hpp"

namespace runtime {

namespace asio = boost::asio;
namespace json = boost::json;

enum class EventType { normal, warning };

// What a component that tells users something needs; tests record into a list.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // regarding: the whole object (apiVersion, kind and metadata are read).
  virtual void record(const json::object& regarding, EventType type, std::string_view reason,
                      std::string_view message) = 0;
};

struct EventRecorderOptions {
  std::string component = {};  // "service-catalog-controller-manager"
  std::size_t queue_capacity = 1000;
  std::size_t remembered = 4096;  // events whose count can still be raised
};

class EventCorrelator;

class EventRecorder final : public EventSink {
 public:
  EventRecorder(asio::any_io_executor executor, kube::Client& client, async::Clock& clock,
                EventRecorderOptions options);
  ~EventRecorder() override;

  void record(const json::object& regarding, EventType type, std::string_view reason,
              std::string_view message) override;
  [[nodiscard]] async::Task<> run();
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  // A create, or a patch of the event of that name.
  [[nodiscard]] async::Task<core::Result<>> write_out(json::object event, json::object patch);

  kube::Client& client_;
  async::Clock& clock_;
  EventRecorderOptions options_;
  std::unique_ptr<EventCorrelator> correlator_;
  async::BoundedQueue<json::object> queue_;
  std::uint64_t dropped_ = 0;
};

}  // namespace runtime
