#include "runtime/events.hpp"

#include "core/log.hpp"
#include "core/random.hpp"
#include "core/text.hpp"
#include "runtime/event_correlator.hpp"

namespace runtime {
namespace {

using core::ErrorKind;

constexpr std::size_t max_message = 1024;
constexpr std::size_t max_name = 253;
constexpr std::uint32_t max_attempts = 5;

std::string event_name(std::string_view object_name) {
  const std::string suffix = "." + core::random_hex(8);
  return std::string(object_name.substr(0, max_name - suffix.size())) + suffix;
}

std::string_view text_of(EventType type) {
  return type == EventType::normal ? "Normal" : "Warning";
}

json::object event_of(const json::object& regarding, EventType type, std::string_view reason,
                      std::string_view message, const std::string& component, core::SystemTime now) {
  const std::string_view object_namespace = kube::namespace_of(regarding);
  const std::string time = core::to_rfc3339(now);
  json::object involved{{"apiVersion", core::find_string(regarding, {"apiVersion"})},
                        {"kind", core::find_string(regarding, {"kind"})},
                        {"name", kube::name_of(regarding)},
                        {"uid", kube::uid_of(regarding)},
                        {"resourceVersion", kube::resource_version_of(regarding)}};
  if (!object_namespace.empty()) involved["namespace"] = object_namespace;
  return {{"apiVersion", "v1"},
          {"kind", "Event"},
          // Events on cluster-scoped objects are kept in the default namespace.
          {"metadata",
           {{"name", event_name(kube::name_of(regarding))},
            {"namespace", object_namespace.empty() ? std::string_view("default") : object_namespace}}},
          {"involvedObject", std::move(involved)},
          {"reason", reason},
          {"message", core::shortened(message, max_message)},
          {"source", {{"component", component}}},
          {"reportingComponent", component},
          {"reportingInstance", ""},
          {"firstTimestamp", time},
          {"lastTimestamp", time},
          {"count", 1},
          {"type", text_of(type)}};
}

}  // namespace

EventRecorder::EventRecorder(asio::any_io_executor executor, kube::Client& client, async::Clock& clock,
                             EventRecorderOptions options)
    : client_(client),
      clock_(clock),
      options_(std::move(options)),
      correlator_(std::make_unique<EventCorrelator>(options_.remembered)),
      queue_(std::move(executor), options_.queue_capacity) {}

EventRecorder::~EventRecorder() = default;

void EventRecorder::record(const json::object& regarding, EventType type, std::string_view reason,
                           std::string_view message) {
  if (queue_.try_push(event_of(regarding, type, reason, message, options_.component, clock_.system_now())))
    return;
  // The first one and then every hundredth, so that a flood of events is no flood of lines.
  if (dropped_++ % 100 == 0)
    core::log::warn("Events are dropped, the queue is full", {{"dropped", dropped_}});
}

async::Task<> EventRecorder::run() {
  while (std::optional<json::object> event = co_await queue_.pop()) {
    std::optional<EventCorrelator::Write> write =
        correlator_->correlate(std::move(*event), clock_.system_now());
    if (!write) continue;
    const std::string identity = write->identity;
    json::object patch = std::move(write->patch);
    const core::Result<> written = co_await write_out(std::move(write->event), std::move(patch));
    if (written) continue;
    correlator_->forget(identity);
    core::log::debug("An event was not written", {{"error", written.error().message}});
  }
}

async::Task<core::Result<>> EventRecorder::write_out(json::object event, json::object patch) {
  async::Backoff backoff;
  while (true) {
    core::Result<json::object> written;
    if (patch.empty()) {
      json::object copy = event;
      written = co_await client_.create(kube::resources::events, std::move(copy));
    } else {
      json::value body = patch;
      kube::ObjectKey key = kube::key_of(event);
      written = co_await client_.patch(kube::resources::events, std::move(key), kube::PatchType::merge,
                                       std::move(body));
      if (!written && written.error().kind == ErrorKind::not_found) {
        patch.clear();  // it has expired on the server: create it anew, count and all
        continue;
      }
    }
    if (written) co_return core::Result<>();
    if (!written.error().retryable() || backoff.attempts() + 1 >= max_attempts)
      co_return core::fail(std::move(written.error()));
    co_await clock_.sleep_for(backoff.next());
  }
}

}  // namespace runtime
