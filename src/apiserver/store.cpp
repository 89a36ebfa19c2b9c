#include "apiserver/store.hpp"

#include <charconv>

#include "core/log.hpp"
#include "kube/resource.hpp"
#include "kube/status.hpp"

namespace apiserver {

namespace {

std::int64_t unix_seconds(const async::Clock& clock) {
  return std::chrono::duration_cast<std::chrono::seconds>(clock.system_now().time_since_epoch()).count();
}

Change change_of(Write& write) {
  Change change{.key = write.key,
                .type = write.type,
                .expected = write.previous ? revision_of(*write.previous) : 0,
                .value = {},
                .owners = {},
                .terminating = kube::is_being_deleted(*write.object)};
  // The version is the row's number.
  core::erase(*write.object, {"metadata", "resourceVersion"});
  change.value = core::to_text(*write.object);
  if (const json::array* owners = core::find_array(*write.object, {"metadata", "ownerReferences"})) {
    for (const json::value& owner : *owners) change.owners.emplace_back(core::find_string(owner, {"uid"}));
  }
  return change;
}

constexpr std::string_view unreadable_code = "Unreadable";

// "/core/secrets/ns/name" → the object's name, namespace and version.
Object stand_in_for(const Record& record) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at != std::string::npos;) {
    const std::size_t next = record.key.find('/', at + 1);
    parts.push_back(record.key.substr(at + 1, next == std::string::npos ? next : next - at - 1));
    at = next;
  }
  json::object metadata{{"name", parts.back()}, {"resourceVersion", std::to_string(record.revision)}};
  if (parts.size() > 3) metadata["namespace"] = parts[2];
  return std::make_shared<const json::object>(json::object{{"metadata", std::move(metadata)}});
}

// nullopt: what happened cannot be read and concerns nothing that watchers know.
std::optional<EventPtr> event_of(const Record& record, const std::optional<Record>& before,
                                 std::vector<Unreadable>& left_out) {
  Store::Found now = found_in(record);
  Object previous;
  if (before) {
    Store::Found then = found_in(*before);
    if (then.problem.empty()) previous = std::move(then.object);
  }
  ChangeType type = record.type;
  if (!now.problem.empty()) {
    left_out.push_back({.key = record.key, .revision = record.revision, .why = now.problem});
    if (previous == nullptr) return std::nullopt;
    // It leaves the lists.
    json::object last = *previous;
    core::set(last, {"metadata", "resourceVersion"}, json::value(std::to_string(record.revision)));
    now.object = std::make_shared<const json::object>(std::move(last));
    type = ChangeType::deleted;
  } else if (type == ChangeType::modified && previous == nullptr) {
    type = ChangeType::added;
  }
  return std::make_shared<const Event>(Event{.key = record.key,
                                             .type = type,
                                             .revision = record.revision,
                                             .object = std::move(now.object),
                                             .previous = std::move(previous)});
}

}  // namespace

Store::Found found_in(const Record& record) {
  if (!record.problem.empty())
    return {.object = stand_in_for(record), .problem = record.problem, .is_lost = true};
  std::vector<core::JsonProblem> problems;
  core::Result<json::value> value =
      core::parse_json(record.value, {.max_bytes = std::string::npos, .max_depth = 512}, problems);
  if (!value || !value->is_object() || core::find_object(*value, {"metadata"}) == nullptr) {
    const std::string why = value ? "it is not an object with metadata" : value.error().message;
    return {.object = stand_in_for(record), .problem = why, .is_lost = true};
  }
  auto object = std::make_shared<json::object>(std::move(value->get_object()));
  core::set(*object, {"metadata", "resourceVersion"}, json::value(std::to_string(record.revision)));
  return {.object = std::move(object), .problem = problems.empty() ? "" : problems.front().message};
}

core::Error unreadable(const std::string& key, const std::string& why) {
  return {.kind = core::ErrorKind::internal,
          .message = "the stored state of " + key.substr(1) + " cannot be read (" + why +
                     "): delete the object, or replace it as a whole (kubectl replace)",
          .code = std::string(unreadable_code)};
}

bool is_unreadable(const core::Error& error) {
  return error.code == unreadable_code;
}

std::int64_t revision_of(const json::object& object) {
  const std::string_view text = kube::resource_version_of(object);
  std::int64_t revision = 0;
  std::from_chars(text.data(), text.data() + text.size(), revision);
  return revision;
}

struct Store::Pending {
  Pending(Write asked, const boost::asio::any_io_executor& executor)
      : write(std::move(asked)), change(change_of(write)), done(executor) {}
  Write write;
  Change change;
  std::optional<core::Result<Object>> result;
  async::Event done;
};

Store::Store(boost::asio::any_io_executor executor, async::Clock& clock, core::Metrics& metrics,
             RevisionLog log, std::size_t threads)
    : executor_(executor),
      clock_(clock),
      metrics_(metrics),
      log_(std::move(log)),
      hub_(executor),
      writes_waiting_(executor),
      published_(log_.revision().value_or(0)),
      pool_(threads) {}

Store::~Store() = default;

async::Task<> Store::run() {
  constexpr std::size_t most_at_once = 256;
  try {
    while (true) {
      if (pending_.empty()) co_await writes_waiting_.wait();
      std::vector<std::shared_ptr<Pending>> batch;
      while (!pending_.empty() && batch.size() < most_at_once) {
        batch.push_back(std::move(pending_.front()));
        pending_.pop_front();
      }
      if (batch.empty()) continue;
      std::vector<Change> changes;
      changes.reserve(batch.size());
      for (const auto& pending : batch) changes.push_back(std::move(pending->change));
      const auto started = clock_.now();
      auto commit = [this, &changes, now = unix_seconds(clock_)] { return log_.commit(changes, now); };
      const auto revisions = co_await pool_.run(commit);
      // From here to the next turn nothing suspends: what was committed is also told.
      finish(batch, revisions);
      metrics_.observe_seconds("apiserver_storage_commit_seconds", "Time of a transaction, fsync included",
                               {}, std::chrono::duration<double>(clock_.now() - started).count());
    }
  } catch (...) {
    stopped_ = true;
    const core::Result<std::int64_t> refusal =
        core::fail(core::ErrorKind::unavailable, "the control plane is shutting down");
    for (const auto& pending : pending_) finish_one(*pending, refusal);
    pending_.clear();
    hub_.end_all();
    throw;
  }
}

void Store::finish(const std::vector<std::shared_ptr<Pending>>& batch,
                   const core::Result<std::vector<core::Result<std::int64_t>>>& revisions) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const core::Result<std::int64_t> failure =
        revisions ? core::Result<std::int64_t>(0) : core::fail(revisions.error());
    finish_one(*batch[i], revisions ? (*revisions)[i] : failure);
  }
}

void Store::finish_one(Pending& pending, const core::Result<std::int64_t>& revision) {
  if (revision) {
    Write& write = pending.write;
    core::set(*write.object, {"metadata", "resourceVersion"}, json::value(std::to_string(*revision)));
    const Object object = std::move(write.object);
    pending.result.emplace(object);
    published_ = *revision;
    if (noted_.erase(write.key) > 0) count_unreadable();
    hub_.publish(std::make_shared<const Event>(Event{.key = std::move(write.key),
                                                     .type = write.type,
                                                     .revision = *revision,
                                                     .object = object,
                                                     .previous = std::move(write.previous)}));
  } else {
    pending.result.emplace(core::fail(revision.error()));
  }
  pending.done.notify();
}

async::Task<core::Result<Object>> Store::write(Write write) {
  if (stopped_) co_return core::fail(core::ErrorKind::unavailable, "the control plane is shutting down");
  const auto pending = std::make_shared<Pending>(std::move(write), executor_);
  pending_.push_back(pending);
  writes_waiting_.notify();
  while (!pending->result) co_await pending->done.wait();
  co_return std::move(*pending->result);
}

core::Result<Object> Store::write_now(Write write) {
  Pending pending(std::move(write), executor_);
  const auto revisions = log_.commit(std::span(&pending.change, 1), unix_seconds(clock_));
  finish_one(pending, revisions ? (*revisions)[0] : core::fail(revisions.error()));
  return std::move(*pending.result);
}

async::Task<core::Result<Store::Found>> Store::find(std::string key) {
  auto read = [this, &key]() -> core::Result<Found> {
    auto record = log_.get(key);
    if (!record) return core::fail(std::move(record.error()));
    if (!*record) return Found();
    return found_in(**record);
  };
  core::Result<Found> found = co_await pool_.run(read);
  if (found && !found->problem.empty()) {
    const std::vector<Unreadable> unreadable{
        {.key = key, .revision = revision_of(*found->object), .why = found->problem}};
    note(unreadable);
  }
  co_return found;
}

async::Task<core::Result<Object>> Store::get(std::string key) {
  std::string name = key;
  core::Result<Found> found = co_await find(std::move(key));
  if (!found) co_return core::fail(std::move(found.error()));
  if (found->is_lost) co_return core::fail(unreadable(name, found->problem));
  co_return std::move(found->object);
}

// Each once, until it is written again.
void Store::note(const std::vector<Unreadable>& unreadable) {
  if (unreadable.empty()) return;
  for (const Unreadable& one : unreadable) {
    if (std::exchange(noted_[one.key], one.revision) == one.revision) continue;
    core::log::error("A stored object cannot be read and is left out of lists: delete or replace it",
                     {{"object", one.key}, {"error", one.why}});
  }
  count_unreadable();
}

void Store::count_unreadable() {
  metrics_.set_gauge("apiserver_unreadable_objects",
                     "Stored objects that were found unreadable and have not been repaired", {},
                     static_cast<double>(noted_.size()));
}

async::Task<core::Result<ListPage>> Store::list(ListRequest request) {
  auto read = [this, &request]() -> core::Result<ListPage> {
    auto now = log_.revision();
    if (!now) return core::fail(std::move(now.error()));
    if (request.revision != 0 && request.revision < log_.compacted()) {
      return core::fail(kube::too_old(std::to_string(request.revision), std::to_string(log_.compacted())));
    }
    if (request.revision > *now) {
      return core::fail({.kind = core::ErrorKind::timeout,
                         .message = "Too large resource version: " + std::to_string(request.revision) +
                                    ", current: " + std::to_string(*now),
                         .code = "Timeout",
                         .retry_after = std::chrono::seconds(1)});
    }
    ListPage page;
    page.revision = request.revision != 0 ? request.revision : *now;
    std::string last;
    const std::int64_t at = request.revision == *now ? 0 : request.revision;
    auto scanned = log_.scan(request.prefix, request.after, at, [&](const Record& record) {
      if (request.limit != 0 && page.items.size() == request.limit) {
        page.next = last;
        ++page.remaining;
        return true;
      }
      Found found = found_in(record);
      last = record.key;
      if (!found.problem.empty()) {
        page.unreadable.push_back(
            {.key = record.key, .revision = record.revision, .why = std::move(found.problem)});
      } else if (!request.matches || request.matches(*found.object)) {
        page.items.push_back(std::move(found.object));
      }
      return true;
    });
    if (!scanned) return core::fail(std::move(scanned.error()));
    return page;
  };
  core::Result<ListPage> page = co_await pool_.run(read);
  if (page) note(page->unreadable);
  co_return page;
}

async::Task<core::Result<Store::Changes>> Store::changes_after(std::string prefix, std::int64_t revision) {
  // Subscribed before the past is read: what is published meanwhile waits in the subscription.
  const std::int64_t published = published_;
  Changes changes;
  changes.future = hub_.subscribe(prefix, std::max(revision, published));
  std::vector<Unreadable> left_out;
  auto read = [this, &prefix, revision, published, &changes, &left_out]() -> core::Result<> {
    if (revision < log_.compacted())
      return core::fail(kube::too_old(std::to_string(revision), std::to_string(log_.compacted())));
    return log_.changes(prefix, revision, published,
                        [&](const Record& record, const std::optional<Record>& before) {
                          if (auto event = event_of(record, before, left_out))
                            changes.past.push_back(std::move(*event));
                          return true;
                        });
  };
  core::Result<> done = co_await pool_.run(read);
  if (!done) co_return core::fail(std::move(done.error()));
  note(left_out);
  co_return changes;
}

}  // namespace apiserver
