#include "runtime/informer.hpp"

#include "async/task_group.hpp"
#include "async/timeout.hpp"
#include "core/log.hpp"

namespace runtime {
namespace {

using core::ErrorKind;

// A watch that the server does not end within its time-out and this is a dead connection.
constexpr std::chrono::seconds watch_grace{30};
// A watch that ends sooner without an event is a server that cannot serve watches now.
constexpr std::chrono::seconds shortest_watch{1};

// The store's version is still good: the server was not reached or is busy. A time-out that the server
// answers may mean that it does not know the version (its history was set back).
bool may_watch_on(const core::Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::throttled ||
         (error.kind == ErrorKind::timeout && error.http_status == 0);
}

}  // namespace

void InformerOptions::drop_managed_fields(json::object& object) {
  core::erase(object, {"metadata", "managedFields"});
}

Informer::Informer(asio::any_io_executor executor, kube::Client& client, async::Clock& clock,
                   kube::Resource resource, InformerOptions options)
    : executor_(std::move(executor)),
      client_(client),
      clock_(clock),
      resource_(std::move(resource)),
      options_(std::move(options)),
      synced_event_(executor_) {}

Object Informer::apply_written(json::object written) {
  if (options_.transform) options_.transform(written);
  Object kept = std::make_shared<const json::object>(std::move(written));
  store_.apply_written(kept);
  return kept;
}

async::Task<> Informer::wait_until_synced() {
  while (!synced_) co_await synced_event_.wait();
}

async::Task<> Informer::run() {
  async::TaskGroup group(executor_);
  group.spawn("informer of " + resource_.plural, follow());
  if (options_.resync > std::chrono::milliseconds::zero())
    group.spawn("resync of " + resource_.plural, resync());
  co_await group.join();
}

async::Task<> Informer::follow() {
  async::Backoff backoff(options_.backoff);
  bool gone = false;
  while (true) {
    progressed_ = false;
    core::Result<> outcome = resource_version_.empty() ? co_await list_once() : co_await watch_once();
    if (progressed_) {
      backoff.reset();
      gone = false;
    }
    if (outcome) continue;

    const core::Error& error = outcome.error();
    if (!may_watch_on(error)) resource_version_.clear();
    // Too old a version is no trouble of the server: list at once, but not in circles.
    const bool was_gone = std::exchange(gone, error.kind == ErrorKind::gone);
    if (gone && !was_gone) continue;
    std::chrono::milliseconds delay = backoff.next();
    if (error.retry_after) delay = std::max<std::chrono::milliseconds>(delay, *error.retry_after);
    core::log::warn("Cannot watch objects of the API server, trying again",
                    {{"kind", resource_.kind}, {"error", error.message}, {"delay_ms", delay.count()}});
    co_await clock_.sleep_for(delay);
  }
}

async::Task<core::Result<>> Informer::list_once() {
  kube::ListOptions list_options;
  list_options.label_selector = options_.label_selector;
  list_options.field_selector = options_.field_selector;
  core::Result<kube::List> list =
      co_await client_.list(resource_, options_.namespace_, std::move(list_options));
  if (!list) co_return core::fail(std::move(list.error()));
  if (list->resource_version.empty()) {
    co_return core::fail(ErrorKind::protocol, "the list of " + resource_.plural + " has no resourceVersion");
  }
  if (options_.transform) {
    for (json::object& object : list->items) options_.transform(object);
  }
  resource_version_ = list->resource_version;
  store_.replace(std::move(*list));
  if (!synced_) {
    synced_ = true;
    synced_event_.notify();
  }
  co_return core::Result<>();
}

async::Task<core::Result<>> Informer::watch_once() {
  kube::WatchOptions watch_options;
  watch_options.resource_version = resource_version_;
  watch_options.label_selector = options_.label_selector;
  watch_options.field_selector = options_.field_selector;
  const auto limit = watch_options.timeout + watch_grace;
  const auto started = clock_.now();
  std::string what = "the watch of " + resource_.plural;
  core::Result<> outcome =
      co_await async::with_timeout(clock_, limit, std::move(what), read_watch(std::move(watch_options)));
  if (!outcome) co_return outcome;
  if (!progressed_ && clock_.now() - started < shortest_watch) {
    co_return core::fail(ErrorKind::unavailable,
                         "the watch of " + resource_.plural + " ended immediately without an event");
  }
  progressed_ = true;
  co_return outcome;
}

async::Task<core::Result<>> Informer::read_watch(kube::WatchOptions watch_options) {
  core::Result<std::unique_ptr<kube::Watch>> watch =
      co_await client_.watch(resource_, options_.namespace_, std::move(watch_options));
  if (!watch) co_return core::fail(std::move(watch.error()));
  while (true) {
    core::Result<std::optional<kube::WatchEvent>> next = co_await (*watch)->next();
    if (!next) co_return core::fail(std::move(next.error()));
    std::optional<kube::WatchEvent>& event = *next;
    if (!event) co_return core::Result<>();
    progressed_ = true;
    if (const std::string_view version = kube::resource_version_of(event->object); !version.empty()) {
      resource_version_ = version;
    }
    if (options_.transform) options_.transform(event->object);
    store_.apply_event(std::move(*event));
  }
}

async::Task<> Informer::resync() {
  while (true) {
    co_await clock_.sleep_for(options_.resync);
    store_.announce_all();
  }
}

}  // namespace runtime
