#include "apiserver/cleanup/housekeeping.hpp"

#include "core/log.hpp"

namespace apiserver {

namespace {
const kube::Resource events{
    .group = "", .version = "v1", .kind = "Event", .plural = "events", .namespaced = true};
}

std::int64_t Housekeeping::seconds_ago(std::chrono::seconds age) const {
  const auto then = clock_.system_now() - age;
  return std::chrono::duration_cast<std::chrono::seconds>(then.time_since_epoch()).count();
}

async::Task<> Housekeeping::run() {
  while (true) {
    co_await clock_.sleep_for(retention_.interval);
    if (const auto expired = co_await expire_events(); !expired)
      core::log::warn("Old events stay for now", {{"error", expired.error().message}});
    if (const auto compacted = co_await compact(); !compacted)
      core::log::warn("The store is not compacted for now", {{"error", compacted.error().message}});
  }
}

async::Task<core::Result<>> Housekeeping::expire_events() {
  const std::string prefix = registry_.find(events)->key_prefix();
  auto old = [prefix, before = seconds_ago(retention_.events)](RevisionLog& log) {
    return log.written_before(prefix, before);
  };
  const auto keys = co_await store_.with_log(std::move(old));
  if (!keys) co_return core::fail(keys.error());
  for (const std::string& key : *keys) {
    const core::Result<Store::Found> found = co_await store_.find(key);
    if (!found) co_return core::fail(found.error());
    if (found->object == nullptr) continue;
    Write write{.key = key,
                .type = ChangeType::deleted,
                .object = std::make_shared<json::object>(*found->object),
                .previous = found->object};
    const core::Result<Object> gone = co_await store_.write(std::move(write));
    // A conflict: it has just been written again, so it is not old any more.
    if (!gone && gone.error().kind != core::ErrorKind::conflict) co_return core::fail(gone.error());
  }
  co_return core::Result<>();
}

async::Task<core::Result<>> Housekeeping::compact() {
  co_return co_await store_.with_log(
      [before = seconds_ago(retention_.history)](RevisionLog& log) -> core::Result<> {
        const auto revision = log.revision_before(before);
        if (!revision) return core::fail(revision.error());
        if (*revision <= log.compacted()) return {};
        return log.compact(*revision);
      });
}

}  // namespace apiserver
