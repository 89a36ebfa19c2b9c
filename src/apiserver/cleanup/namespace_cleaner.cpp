#include "apiserver/cleanup/namespace_cleaner.hpp"

#include <array>

namespace apiserver {

namespace {

constexpr std::string_view namespace_controller = "namespace-controller";

std::string full_name(const Kind& kind) {
  return kind.resource.plural + "." +
         kind.resource.group;  // with the dot also for the core group, as kubectl shows it
}

std::string join(const std::map<std::string, std::size_t>& counts, std::string_view middle) {
  std::string text;
  for (const auto& [name, count] : counts)
    text += (text.empty() ? "" : ", ") + name + std::string(middle) + std::to_string(count) +
            " resource instances";
  return text;
}

json::object condition(std::string_view type, bool holds, std::string_view reason, std::string message,
                       const std::string& now) {
  return {{"type", type},
          {"status", holds ? "True" : "False"},
          {"reason", reason},
          {"message", message},
          {"lastTransitionTime", now}};
}

// The condition keeps the time of its last transition.
void put_condition(json::array& conditions, json::object next) {
  for (json::value& entry : conditions) {
    json::object& present = entry.as_object();
    if (present["type"] != next["type"]) continue;
    if (present["status"] == next["status"]) next["lastTransitionTime"] = present["lastTransitionTime"];
    present = std::move(next);
    return;
  }
  conditions.push_back(std::move(next));
}

}  // namespace

async::Task<core::Result<std::vector<std::string>>> NamespaceCleaner::all() {
  const std::string prefix = registry_.find(kube::resources::namespaces)->key_prefix();
  co_return co_await store_.with_log([prefix](RevisionLog& log) -> core::Result<std::vector<std::string>> {
    auto keys = log.terminating();
    if (keys) std::erase_if(*keys, [&prefix](const std::string& key) { return !key.starts_with(prefix); });
    return keys;
  });
}

async::Task<core::Result<std::vector<std::string>>> NamespaceCleaner::concerned_by(EventPtr event) {
  const KindPtr namespaces = registry_.find(kube::resources::namespaces);
  std::vector<std::string> keys;
  if (event->key.starts_with(namespaces->key_prefix())) {
    const bool is_new = event->previous == nullptr || !kube::is_being_deleted(*event->previous);
    if (event->type != ChangeType::deleted && kube::is_being_deleted(*event->object) && is_new)
      keys.push_back(event->key);
    co_return keys;
  }
  const std::string_view namespace_ = kube::namespace_of(*event->object);
  if (namespace_.empty()) co_return keys;
  const std::string key = namespaces->key({.namespace_ = {}, .name = std::string(namespace_)});
  const core::Result<Object> found = co_await store_.get(key);
  if (!found) co_return core::fail(found.error());
  if (*found != nullptr && kube::is_being_deleted(**found)) keys.push_back(key);
  co_return keys;
}

async::Task<bool> NamespaceCleaner::clean(std::string key) {
  const core::Result<Object> found = co_await store_.get(key);
  if (!found) co_return is_unreadable(found.error());
  if (*found == nullptr || !kube::is_being_deleted(**found)) co_return true;
  Rest rest = co_await remove_content(std::string(kube::name_of(**found)));
  const bool failed = rest.failed;
  if (rest.kinds.empty() && !failed) co_return co_await let_go(std::move(key));
  const bool told = co_await tell(std::move(key), std::move(rest));
  co_return told && !failed;
}

async::Task<NamespaceCleaner::Rest> NamespaceCleaner::remove_content(std::string namespace_) {
  Rest rest;
  for (const KindPtr& kind : registry_.all()) {
    if (!kind->resource.namespaced) continue;
    ListRequest content{.prefix = kind->key_prefix(namespace_)};
    const core::Result<ListPage> page = co_await store_.list(std::move(content));
    if (!page) {
      rest.failed = true;
      continue;
    }
    for (const Unreadable& one : page->unreadable) {
      if (!co_await remove(one.key, "Background", as(namespace_controller))) rest.failed = true;
    }
    for (const Object& object : page->items) {
      std::string key = kind->key(kube::key_of(*object));
      if (!co_await remove(key, "Background", as(namespace_controller))) rest.failed = true;
      const core::Result<Object> left = co_await store_.get(std::move(key));
      if (left && *left == nullptr) continue;
      ++rest.kinds[full_name(*kind)];
      const json::array* const finalizers = core::find_array(*object, {"metadata", "finalizers"});
      if (finalizers == nullptr) continue;
      for (const json::value& finalizer : *finalizers) {
        if (finalizer.is_string()) ++rest.finalizers[std::string(finalizer.get_string())];
      }
    }
  }
  co_return rest;
}

async::Task<bool> NamespaceCleaner::tell(std::string key, Rest rest) {
  const KindPtr kind = registry_.find(kube::resources::namespaces);
  const std::string now = core::to_rfc3339(clock_.system_now());
  Writes::Change change = [&rest, &now](const json::object& current) -> Answer<json::object> {
    json::object next = current;
    json::array conditions;
    if (const json::array* present = core::find_array(current, {"status", "conditions"}))
      conditions = *present;
    put_condition(conditions,
                  condition("NamespaceDeletionContentFailure", rest.failed,
                            rest.failed ? "ContentDeletionFailed" : "ContentDeleted",
                            rest.failed ? "Some content could not be deleted; it is tried again"
                                        : "All content successfully deleted, may be waiting on finalization",
                            now));
    put_condition(conditions,
                  condition("NamespaceContentRemaining", !rest.kinds.empty(),
                            rest.kinds.empty() ? "ContentRemoved" : "SomeResourcesRemain",
                            rest.kinds.empty() ? "All content successfully removed"
                                               : "Some resources are remaining: " + join(rest.kinds, " has "),
                            now));
    put_condition(
        conditions,
        condition("NamespaceFinalizersRemaining", !rest.finalizers.empty(),
                  rest.finalizers.empty() ? "ContentHasNoFinalizers" : "SomeFinalizersRemain",
                  rest.finalizers.empty() ? "All content-preserving finalizers finished"
                                          : "Some content in the namespace has finalizers remaining: " +
                                                join(rest.finalizers, " in "),
                  now));
    core::set(next, {"status", "conditions"}, std::move(conditions));
    return next;
  };
  const Answer<Object> told = co_await writes_.update(kind, kind->object_key(key), "status",
                                                      std::move(change), as(namespace_controller));
  co_return told || told.error().error.kind == core::ErrorKind::not_found;
}

async::Task<bool> NamespaceCleaner::let_go(std::string key) {
  const KindPtr kind = registry_.find(kube::resources::namespaces);
  Writes::Change change = [](const json::object& current) -> Answer<json::object> {
    json::object next = current;
    core::set(next, {"spec", "finalizers"}, json::array());
    return next;
  };
  const Answer<Object> gone = co_await writes_.update(kind, kind->object_key(key), "finalize",
                                                      std::move(change), as(namespace_controller));
  co_return gone || gone.error().error.kind == core::ErrorKind::not_found;
}

}  // namespace apiserver
