#include "catalog/controllers/cluster_id.hpp"

#include "core/uuid.hpp"

namespace catalog {

async::Task<core::Result<std::string>> ClusterId::get() {
  if (!id_.empty()) co_return id_;
  core::Result<json::object> map = co_await client_.get(kube::resources::config_maps, config_map_);
  std::string made = core::Uuid::random().to_string();
  if (!map && map.error().kind == core::ErrorKind::not_found) {
    json::object fresh{{"metadata", {{"name", config_map_.name}, {"namespace", config_map_.namespace_}}},
                       {"data", {{"id", made}}}};
    map = co_await client_.create(kube::resources::config_maps, std::move(fresh));
  } else if (map && core::find_string(*map, {"data", "id"}).empty()) {
    json::value patch{{"metadata", {{"resourceVersion", kube::resource_version_of(*map)}}},
                      {"data", {{"id", made}}}};
    map = co_await client_.patch(kube::resources::config_maps, config_map_, kube::PatchType::merge,
                                 std::move(patch));
  }
  // Somebody made one at the same time.
  if (!map && map.error().kind == core::ErrorKind::already_exists)
    map = co_await client_.get(kube::resources::config_maps, config_map_);
  if (!map)
    co_return core::fail(
        map.error().with_context("reading the cluster's id from ConfigMap " + config_map_.to_string()));
  id_ = core::find_string(*map, {"data", "id"});
  co_return id_;
}

}  // namespace catalog
