// The objects of one kind in memory, as the informer last saw them or as we last wrote them, with indexes.
//
// One shared JSON object per item: get() and list() hand out shared pointers, nothing is copied; an object
// never changes, a newer one takes its place. All on the loop's thread.
//
// The store never goes backwards. A reconciler gives what the API server answered to its write to
// apply_written(); watch events and lists that are behind what the store has are left out. So a reconciler
// never acts on an object older than its own last write. Versions are compared as the integers they are:
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/json.hpp"
#include "kube/client.hpp"
#include "kube/resource.hpp"

namespace runtime {

namespace json = boost::json;
using kube::ObjectKey;
using Object = std::shared_ptr<const json::object>;

// before null: it came; after null: it went; both: it changed.
struct Change {
  Object before;
  Object after;
  [[nodiscard]] const json::object& newest() const { return after ? *after : *before; }
  [[nodiscard]] ObjectKey key() const { return kube::key_of(newest()); }
};
using ChangeHandler = std::function<void(const Change&)>;

// The values under which an object is found: {"s3-demo/s3-bucket"}.
using IndexFunction = std::function<std::vector<std::string>(const json::object&)>;

class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // --- reading ---
  [[nodiscard]] Object get(const ObjectKey& key) const;  // null where there is none
  [[nodiscard]] std::vector<Object> list() const;        // by key
  [[nodiscard]] std::vector<Object> list(const std::string& namespace_) const;
  [[nodiscard]] std::vector<Object> by_index(const std::string& index,
                                             const std::string& value) const;  // by key
  [[nodiscard]] std::size_t size() const { return items_.size(); }

  // --- setting up ---
  void add_index(std::string name, IndexFunction values);  // indexes what is already there too
  // Called at each change, after it was made; for what is already there as added, at once.
  void on_change(ChangeHandler handler);

  // --- own writes ---
  // The answer of a create, replace or patch. Handlers are called now; the watch's echo is then no change any
  // more. An object that has a deletionTimestamp and no finalizers is gone by this write. Where the
  // informer has a selector, the object has to match it.
  void apply_written(Object written);

  // --- the informer's side ---
  void apply_event(kube::WatchEvent event);
  // A complete list: what is not in it goes, unless it was written by us after the list was made.
  void replace(kube::List list);
  // Every item as changed to itself (periodic resync).
  void announce_all() const;

 private:
  struct Index {
    IndexFunction values;
    std::unordered_map<std::string, std::set<ObjectKey>> keys;
  };

  void put(Object after);
  void drop(const ObjectKey& key, Object last);
  void advance(std::uint64_t version);
  void index(const ObjectKey& key, const json::object& object, bool add);
  void announce(const Change& change) const;

  std::map<ObjectKey, Object> items_;
  std::uint64_t seen_ = 0;                      // the version up to which watch and lists have come
  std::map<ObjectKey, std::uint64_t> removed_;  // by own writes that watch and lists have not come up to
  std::map<std::string, Index> indexes_;
  std::vector<ChangeHandler> handlers_;
};

}  // namespace runtime
