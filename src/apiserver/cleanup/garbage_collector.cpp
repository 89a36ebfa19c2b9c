#include "apiserver/cleanup/garbage_collector.hpp"

#include <algorithm>

namespace apiserver {

namespace {

constexpr std::string_view garbage_collector_user = "generic-garbage-collector";

const json::array* owners_of(const json::object& object) {
  return core::find_array(object, {"metadata", "ownerReferences"});
}

std::vector<json::object> owner_references(const json::object& object) {
  std::vector<json::object> references;
  const json::array* const owners = owners_of(object);
  if (owners == nullptr) return references;
  for (const json::value& owner : *owners) {
    if (owner.is_object()) references.push_back(owner.get_object());
  }
  return references;
}

bool has_finalizer(const json::object& object, std::string_view finalizer) {
  const json::array* const finalizers = core::find_array(object, {"metadata", "finalizers"});
  return finalizers != nullptr && std::ranges::find(*finalizers, json::value(finalizer)) != finalizers->end();
}

bool waits_for_dependents(const json::object& object) {
  return kube::is_being_deleted(object) && has_finalizer(object, foreground_finalizer);
}

// The object blocks the deletion of the owner with this uid.
bool blocks(const json::object& object, std::string_view uid) {
  return std::ranges::any_of(owner_references(object), [uid](const json::object& owner) {
    return core::find_string(owner, {"uid"}) == uid && core::find_bool(owner, {"blockOwnerDeletion"}) == true;
  });
}

void erase_from(json::object& object, std::string_view list, const auto& is_unwanted) {
  json::array kept;
  if (const json::array* all = core::find_array(object, {"metadata", list})) {
    for (const json::value& entry : *all) {
      if (!is_unwanted(entry)) kept.push_back(entry);
    }
  }
  json::object& metadata = object["metadata"].as_object();
  if (kept.empty()) {
    metadata.erase(list);
  } else {
    metadata[list] = std::move(kept);
  }
}

// Done, or there is nothing to do it with any more.
bool is_settled(const Answer<Object>& answer) {
  return answer || answer.error().error.kind == core::ErrorKind::not_found;
}

}  // namespace

async::Task<core::Result<std::vector<std::string>>> GarbageCollector::dependents_of(std::string uid) {
  co_return co_await store_.with_log(
      [uid = std::move(uid)](RevisionLog& log) { return log.dependents_of(uid); });
}

async::Task<core::Result<std::vector<std::string>>> GarbageCollector::all() {
  co_return co_await store_.with_log([](RevisionLog& log) -> core::Result<std::vector<std::string>> {
    auto keys = log.all_dependents();
    if (!keys) return keys;
    auto terminating = log.terminating();
    if (!terminating) return terminating;
    keys->insert(keys->end(), terminating->begin(), terminating->end());
    return keys;
  });
}

async::Task<core::Result<std::vector<std::string>>> GarbageCollector::concerned_by(EventPtr event) {
  const json::object& object = *event->object;
  std::vector<std::string> keys;
  if (event->type != ChangeType::deleted) {
    const bool owners_changed =
        event->previous == nullptr || owner_references(*event->previous) != owner_references(object);
    if ((owners_of(object) != nullptr && owners_changed) || kube::is_being_deleted(object))
      keys.push_back(event->key);
    co_return keys;
  }
  auto dependents = co_await dependents_of(std::string(kube::uid_of(object)));
  if (!dependents) co_return dependents;
  keys = std::move(*dependents);
  // Its owners may have waited for it to go.
  for (const json::object& owner : owner_references(object)) {
    const KindPtr kind =
        registry_.find_by_kind(core::find_string(owner, {"apiVersion"}), core::find_string(owner, {"kind"}));
    if (kind == nullptr) continue;
    keys.push_back(
        kind->key({.namespace_ = kind->resource.namespaced ? std::string(kube::namespace_of(object)) : "",
                   .name = std::string(core::find_string(owner, {"name"}))}));
  }
  co_return keys;
}

async::Task<bool> GarbageCollector::clean(std::string key) {
  const core::Result<Object> found = co_await store_.get(key);
  if (!found) co_return is_unreadable(found.error());  // its owners are not known until it is repaired
  const Object object = *found;
  if (object == nullptr) co_return true;
  if (kube::is_being_deleted(*object)) {
    if (has_finalizer(*object, orphan_finalizer)) co_return co_await release_dependents(key, object);
    if (has_finalizer(*object, foreground_finalizer)) co_return co_await await_dependents(key, object);
    co_return true;
  }
  if (owners_of(*object) == nullptr) co_return true;
  co_return co_await clean_dependent(std::move(key), object);
}

async::Task<GarbageCollector::Owner> GarbageCollector::look_at_owner(std::string namespace_,
                                                                     json::object reference) {
  const KindPtr kind = registry_.find_by_kind(core::find_string(reference, {"apiVersion"}),
                                              core::find_string(reference, {"kind"}));
  if (kind == nullptr) co_return Owner::unknown;  // another API server's: not ours to judge
  kube::ObjectKey key{.namespace_ = kind->resource.namespaced ? std::move(namespace_) : "",
                      .name = std::string(core::find_string(reference, {"name"}))};
  if (kind->resource.namespaced && key.namespace_.empty()) co_return Owner::gone;
  const core::Result<Object> found = co_await store_.get(kind->key(key));
  if (!found) co_return Owner::unknown;
  if (*found == nullptr || kube::uid_of(**found) != core::find_string(reference, {"uid"}))
    co_return Owner::gone;
  co_return waits_for_dependents(**found) ? Owner::waiting : Owner::present;
}

async::Task<bool> GarbageCollector::clean_dependent(std::string key, Object object) {
  std::vector<std::string> gone;
  bool is_held = false;
  bool is_awaited = false;
  for (json::object& reference : owner_references(*object)) {
    std::string uid(core::find_string(reference, {"uid"}));
    std::string namespace_(kube::namespace_of(*object));
    const Owner owner = co_await look_at_owner(std::move(namespace_), std::move(reference));
    if (owner == Owner::gone) gone.push_back(std::move(uid));
    is_awaited = is_awaited || owner == Owner::waiting;
    is_held = is_held || owner == Owner::present || owner == Owner::unknown;
  }
  if (gone.empty() && !is_awaited) co_return true;
  if (!is_held) {
    const auto own_dependents = co_await dependents_of(std::string(kube::uid_of(*object)));
    const bool in_foreground = is_awaited && own_dependents && !own_dependents->empty();
    co_return co_await remove(std::move(key), in_foreground ? "Foreground" : "", as(garbage_collector_user));
  }
  if (gone.empty()) co_return true;
  co_return co_await drop_owners(std::move(key), std::move(gone));
}

async::Task<bool> GarbageCollector::release_dependents(std::string key, Object owner) {
  const auto dependents = co_await dependents_of(std::string(kube::uid_of(*owner)));
  if (!dependents) co_return false;
  for (std::string dependent : *dependents) {
    std::vector<std::string> uids{std::string(kube::uid_of(*owner))};
    if (!co_await drop_owners(std::move(dependent), std::move(uids))) co_return false;
  }
  co_return co_await drop_finalizer(std::move(key), orphan_finalizer);
}

async::Task<bool> GarbageCollector::await_dependents(std::string key, Object owner) {
  const std::string uid(kube::uid_of(*owner));
  const auto dependents = co_await dependents_of(uid);
  if (!dependents) co_return false;
  bool is_blocked = false;
  for (const std::string& dependent : *dependents) {
    const core::Result<Object> found = co_await store_.get(dependent);
    if (!found && is_unreadable(found.error())) continue;  // whether it blocks nobody knows
    if (!found) co_return false;
    if (*found == nullptr) continue;
    if (!kube::is_being_deleted(**found) && !co_await clean_dependent(dependent, *found)) co_return false;
    // It is told of again when it has gone.
    const core::Result<Object> left = co_await store_.get(dependent);
    is_blocked = is_blocked || !left || (*left != nullptr && blocks(**left, uid));
  }
  if (is_blocked) co_return true;
  co_return co_await drop_finalizer(std::move(key), foreground_finalizer);
}

async::Task<bool> GarbageCollector::drop_finalizer(std::string key, std::string_view finalizer) {
  const KindPtr kind = registry_.of_key(key);
  if (kind == nullptr) co_return true;
  Writes::Change change = [finalizer](const json::object& current) -> Answer<json::object> {
    json::object next = current;
    erase_from(next, "finalizers", [&](const json::value& entry) { return entry == json::value(finalizer); });
    return next;
  };
  co_return is_settled(co_await writes_.update(kind, kind->object_key(key), "", std::move(change),
                                               as(garbage_collector_user)));
}

async::Task<bool> GarbageCollector::drop_owners(std::string key, std::vector<std::string> uids) {
  const KindPtr kind = registry_.of_key(key);
  if (kind == nullptr) co_return true;
  Writes::Change change = [&uids](const json::object& current) -> Answer<json::object> {
    json::object next = current;
    erase_from(next, "ownerReferences", [&uids](const json::value& entry) {
      const json::object* const owner = entry.if_object();
      return owner != nullptr && std::ranges::find(uids, core::find_string(*owner, {"uid"})) != uids.end();
    });
    return next;
  };
  co_return is_settled(co_await writes_.update(kind, kind->object_key(key), "", std::move(change),
                                               as(garbage_collector_user)));
}

}  // namespace apiserver
