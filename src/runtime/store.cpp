#include "runtime/store.hpp"

#include <charconv>

namespace runtime {
namespace {

// 0 for what is no version: older than everything.
std::uint64_t number_of(std::string_view resource_version) {
  std::uint64_t number = 0;
  const auto [end, problem] =
      std::from_chars(resource_version.data(), resource_version.data() + resource_version.size(), number);
  return problem == std::errc() && end == resource_version.data() + resource_version.size() ? number : 0;
}

std::uint64_t version_of(const json::object& object) {
  return number_of(kube::resource_version_of(object));
}

bool is_gone_by_write(const json::object& object) {
  if (!kube::is_being_deleted(object)) return false;
  const json::array* const finalizers = core::find_array(object, {"metadata", "finalizers"});
  return finalizers == nullptr || finalizers->empty();
}

}  // namespace

Object Store::get(const ObjectKey& key) const {
  const auto item = items_.find(key);
  return item == items_.end() ? nullptr : item->second;
}

std::vector<Object> Store::list() const {
  std::vector<Object> objects;
  objects.reserve(items_.size());
  for (const auto& [key, object] : items_) objects.push_back(object);
  return objects;
}

std::vector<Object> Store::list(const std::string& namespace_) const {
  std::vector<Object> objects;
  for (auto item = items_.lower_bound({.namespace_ = namespace_, .name = ""});
       item != items_.end() && item->first.namespace_ == namespace_; ++item) {
    objects.push_back(item->second);
  }
  return objects;
}

std::vector<Object> Store::by_index(const std::string& index, const std::string& value) const {
  std::vector<Object> objects;
  const auto keys = indexes_.at(index).keys.find(value);
  if (keys == indexes_.at(index).keys.end()) return objects;
  for (const ObjectKey& key : keys->second) objects.push_back(items_.at(key));
  return objects;
}

void Store::add_index(std::string name, IndexFunction values) {
  Index& index = indexes_[std::move(name)];
  index = {.values = std::move(values), .keys = {}};
  for (const auto& [key, object] : items_) {
    for (std::string& value : index.values(*object)) index.keys[std::move(value)].insert(key);
  }
}

void Store::on_change(ChangeHandler handler) {
  for (const Object& object : list()) handler({.before = nullptr, .after = object});
  handlers_.push_back(std::move(handler));
}

void Store::apply_written(Object written) {
  const ObjectKey key = kube::key_of(*written);
  const std::uint64_t version = version_of(*written);
  const Object known = get(key);
  const bool gone = is_gone_by_write(*written);
  // Such a write is answered with the version before it: kube-apiserver stores nothing any more.
  const bool is_news =
      known ? version > version_of(*known) || (gone && version == version_of(*known)) : version > seen_;
  if (!is_news) return;  // the watch was faster: it has shown this write already, and maybe more
  if (!gone) return put(std::move(written));
  removed_[key] = version;
  if (known) drop(key, std::move(written));
}

void Store::apply_event(kube::WatchEvent event) {
  const std::uint64_t version = version_of(event.object);
  const ObjectKey key = kube::key_of(event.object);
  const Object known = get(key);
  const auto removed = removed_.find(key);
  const bool behind =
      (known && version < version_of(*known)) || (removed != removed_.end() && version <= removed->second);
  advance(version);
  if (behind || event.type == kube::WatchEvent::Type::bookmark) return;
  Object object = std::make_shared<const json::object>(std::move(event.object));
  if (event.type != kube::WatchEvent::Type::deleted) return put(std::move(object));
  if (known) drop(key, std::move(object));
}

void Store::replace(kube::List list) {
  const std::uint64_t version = number_of(list.resource_version);
  // Lists are consistent reads, so one that is older than what was seen before means that the server's
  // history was set back (a restored backup): then the list is the truth, whatever we have.
  const bool set_back = version < seen_;
  if (set_back) {
    seen_ = 0;
    removed_.clear();
  }
  std::set<ObjectKey> listed;
  for (json::object& object : list.items) {
    ObjectKey key = kube::key_of(object);
    const Object known = get(key);
    const auto removed = removed_.find(key);
    const bool behind = !set_back && ((known && version_of(object) < version_of(*known)) ||
                                      (removed != removed_.end() && version_of(object) <= removed->second));
    listed.insert(std::move(key));
    if (!behind) put(std::make_shared<const json::object>(std::move(object)));
  }
  for (const Object& object : this->list()) {
    const ObjectKey key = kube::key_of(*object);
    const bool written_after_list = !set_back && version_of(*object) > version;
    if (!listed.contains(key) && !written_after_list) drop(key, object);
  }
  advance(version);
}

void Store::announce_all() const {
  for (const Object& object : list()) announce({.before = object, .after = object});
}

void Store::put(Object after) {
  const ObjectKey key = kube::key_of(*after);
  Object& slot = items_[key];
  const Object before = slot;
  if (before && kube::resource_version_of(*before) == kube::resource_version_of(*after)) return;
  if (before) index(key, *before, false);
  slot = after;
  index(key, *after, true);
  announce({.before = before, .after = std::move(after)});
}

void Store::drop(const ObjectKey& key, Object last) {
  const auto item = items_.find(key);
  index(key, *item->second, false);
  items_.erase(item);
  announce({.before = std::move(last), .after = nullptr});
}

void Store::advance(std::uint64_t version) {
  if (version <= seen_) return;
  seen_ = version;
  std::erase_if(removed_, [version](const auto& entry) { return entry.second <= version; });
}

void Store::index(const ObjectKey& key, const json::object& object, bool add) {
  for (auto& [name, index] : indexes_) {
    for (const std::string& value : index.values(object)) {
      if (add) {
        index.keys[value].insert(key);
        continue;
      }
      const auto keys = index.keys.find(value);
      if (keys == index.keys.end()) continue;
      keys->second.erase(key);
      if (keys->second.empty()) index.keys.erase(keys);
    }
  }
}

void Store::announce(const Change& change) const {
  for (const ChangeHandler& handler : handlers_) handler(change);
}

}  // namespace runtime
