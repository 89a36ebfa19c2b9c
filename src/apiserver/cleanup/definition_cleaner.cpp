#include "apiserver/cleanup/definition_cleaner.hpp"

#include "apiserver/core_kinds.hpp"

namespace apiserver {

namespace {

constexpr std::string_view definition_controller = "definition-controller";

}  // namespace

async::Task<core::Result<std::vector<std::string>>> DefinitionCleaner::all() {
  const std::string prefix = registry_.find(crd_resource)->key_prefix();
  co_return co_await store_.with_log([prefix](RevisionLog& log) -> core::Result<std::vector<std::string>> {
    auto keys = log.terminating();
    if (keys) std::erase_if(*keys, [&prefix](const std::string& key) { return !key.starts_with(prefix); });
    return keys;
  });
}

async::Task<core::Result<std::vector<std::string>>> DefinitionCleaner::concerned_by(EventPtr event) {
  const KindPtr definitions = registry_.find(crd_resource);
  std::vector<std::string> keys;
  if (event->key.starts_with(definitions->key_prefix())) {
    if (event->type != ChangeType::deleted && kube::is_being_deleted(*event->object))
      keys.push_back(event->key);
    co_return keys;
  }
  if (event->type != ChangeType::deleted) co_return keys;
  const KindPtr kind = registry_.of_key(event->key);
  if (kind == nullptr || kind->built_in) co_return keys;
  keys.push_back(
      definitions->key({.namespace_ = {}, .name = kind->resource.plural + "." + kind->resource.group}));
  co_return keys;
}

async::Task<bool> DefinitionCleaner::clean(std::string key) {
  const core::Result<Object> found = co_await store_.get(key);
  if (!found) co_return is_unreadable(found.error());
  if (*found == nullptr || !kube::is_being_deleted(**found)) co_return true;
  const KindPtr kind = registry_.find(core::find_string(**found, {"spec", "group"}),
                                      kind_of_crd(**found).value_or(Kind()).resource.version,
                                      core::find_string(**found, {"spec", "names", "plural"}));
  if (kind != nullptr) {
    ListRequest everything{.prefix = kind->key_prefix()};
    const core::Result<ListPage> page = co_await store_.list(std::move(everything));
    if (!page) co_return false;
    bool is_empty = true;
    for (std::string& object_key : keys_of(*kind, *page)) {
      if (!co_await remove(object_key, "Background", as(definition_controller))) co_return false;
      const core::Result<Object> left = co_await store_.get(std::move(object_key));
      is_empty = is_empty && left && *left == nullptr;
    }
    if (!is_empty) co_return true;  // told of again when one goes
  }
  const KindPtr definitions = registry_.find(crd_resource);
  Writes::Change change = [](const json::object& current) -> Answer<json::object> {
    json::object next = current;
    json::array kept;
    if (const json::array* finalizers = core::find_array(current, {"metadata", "finalizers"})) {
      for (const json::value& finalizer : *finalizers) {
        if (finalizer != json::value(definition_finalizer)) kept.push_back(finalizer);
      }
    }
    core::set(next, {"metadata", "finalizers"}, std::move(kept));
    return next;
  };
  const Answer<Object> gone = co_await writes_.update(definitions, definitions->object_key(key), "",
                                                      std::move(change), as(definition_controller));
  co_return gone || gone.error().error.kind == core::ErrorKind::not_found;
}

}  // namespace apiserver
