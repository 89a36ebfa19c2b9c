#include "runtime/finalizers.hpp"

namespace runtime {
namespace {

json::object patch_of(const json::object& object, json::array finalizers) {
  json::object metadata{{"finalizers", std::move(finalizers)}};
  if (const std::string_view version = kube::resource_version_of(object); !version.empty()) {
    metadata["resourceVersion"] = version;
  }
  return {{"metadata", std::move(metadata)}};
}

json::array finalizers_of(const json::object& object) {
  const json::array* const finalizers = core::find_array(object, {"metadata", "finalizers"});
  return finalizers != nullptr ? *finalizers : json::array();
}

}  // namespace

std::optional<json::object> patch_adding_finalizer(const json::object& object, std::string_view finalizer) {
  if (kube::has_finalizer(object, finalizer)) return std::nullopt;
  json::array finalizers = finalizers_of(object);
  finalizers.emplace_back(finalizer);
  return patch_of(object, std::move(finalizers));
}

std::optional<json::object> patch_removing_finalizer(const json::object& object, std::string_view finalizer) {
  if (!kube::has_finalizer(object, finalizer)) return std::nullopt;
  json::array others;
  for (const json::value& entry : finalizers_of(object)) {
    if (!entry.is_string() || std::string_view(entry.get_string()) != finalizer) others.push_back(entry);
  }
  return patch_of(object, std::move(others));
}

async::Task<core::Result<json::object>> add_finalizer(kube::Client& client, kube::Resource resource,
                                                      json::object object, std::string finalizer) {
  std::optional<json::object> patch = patch_adding_finalizer(object, finalizer);
  if (!patch) co_return object;
  ObjectKey key = kube::key_of(object);
  json::value body = std::move(*patch);
  co_return co_await client.patch(std::move(resource), std::move(key), kube::PatchType::merge,
                                  std::move(body));
}

async::Task<core::Result<json::object>> remove_finalizer(kube::Client& client, kube::Resource resource,
                                                         json::object object, std::string finalizer) {
  std::optional<json::object> patch = patch_removing_finalizer(object, finalizer);
  if (!patch) co_return object;
  ObjectKey key = kube::key_of(object);
  json::value body = std::move(*patch);
  core::Result<json::object> answer =
      co_await client.patch(std::move(resource), std::move(key), kube::PatchType::merge, std::move(body));
  if (!answer && answer.error().kind == core::ErrorKind::not_found) co_return json::object();
  co_return answer;
}

}  // namespace runtime
