#include "catalog/controllers/writes.hpp"

#include "catalog/api/views.hpp"
#include "catalog/policies/operation_status.hpp"
#include "core/uuid.hpp"
#include "runtime/finalizers.hpp"

namespace catalog {

namespace {

constexpr int most_attempts = 5;

// nullopt where there is nothing to write.
std::optional<json::value> status_patch(const json::object& object, const json::object& before,
                                        const json::object& after) {
  if (before == after) return std::nullopt;
  json::object metadata{{"resourceVersion", kube::resource_version_of(object)}};
  json::object patch{{"metadata", std::move(metadata)}, {"status", core::diff_as_merge_patch(before, after)}};
  return patch;
}

// The newest version of the same object.
async::Task<core::Result<Object>> read_again(Context& context, runtime::Informer& informer, Object object) {
  kube::ObjectKey key = kube::key_of(*object);
  core::Result<json::object> newest = co_await context.client.get(informer.resource(), key);
  if (!newest) co_return core::fail(newest.error());
  if (kube::uid_of(*newest) != kube::uid_of(*object)) {
    co_return core::fail(core::ErrorKind::conflict, key.to_string() + " was deleted and created again");
  }
  co_return informer.apply_written(std::move(*newest));
}

}  // namespace

async::Task<core::Result<Object>> write_status(Context& context, runtime::Informer& informer, Object object,
                                               StatusChange change, OnConflict on_conflict) {
  for (int attempt = 1;; ++attempt) {
    json::object before = ObjectView(*object).status();
    json::object after = before;
    change(after);
    std::optional<json::value> patch = status_patch(*object, before, after);
    if (!patch) co_return object;
    kube::PatchOptions options;
    options.subresource = "status";
    core::Result<json::object> written = co_await context.client.patch(
        informer.resource(), kube::key_of(*object), kube::PatchType::merge, std::move(*patch), options);
    if (written) {
      Object kept = informer.apply_written(std::move(*written));
      for (const ConditionEvent& event : events_between(before, after)) {
        auto type = event.warning ? runtime::EventType::warning : runtime::EventType::normal;
        context.events.record(*kept, type, event.reason, event.message);
      }
      co_return kept;
    }
    bool again = on_conflict == OnConflict::reapply && written.error().kind == core::ErrorKind::conflict;
    if (!again || attempt >= most_attempts) co_return core::fail(written.error());
    core::Result<Object> newest = co_await read_again(context, informer, object);
    if (!newest) co_return core::fail(newest.error());
    object = std::move(*newest);
  }
}

async::Task<core::Result<>> confirm(Context& context, runtime::Informer& informer, Object object) {
  core::Result<Object> newest = co_await read_again(context, informer, object);
  if (!newest && newest.error().kind != core::ErrorKind::not_found) co_return core::fail(newest.error());
  if (newest && kube::resource_version_of(**newest) == kube::resource_version_of(*object))
    co_return core::Result<>();
  co_return core::fail(core::ErrorKind::conflict,
                       kube::key_of(*object).to_string() + " was changed or deleted in the meantime");
}

async::Task<core::Result<Object>> resumed(Context& context, runtime::Informer& informer, Object object) {
  if (!find_condition(ObjectView(*object).status(), condition_type::paused)) co_return object;
  StatusChange change = [](json::object& status) { remove_condition(status, condition_type::paused); };
  co_return co_await write_status(context, informer, std::move(object), std::move(change),
                                  OnConflict::give_up);
}

async::Task<core::Result<Object>> completed(Context& context, runtime::Informer& informer, Object object) {
  const kube::Resource& resource = informer.resource();
  bool has_id = resource.plural == resources::service_instances.plural ||
                resource.plural == resources::service_bindings.plural;
  OperatedView view(*object);
  json::object metadata{{"resourceVersion", kube::resource_version_of(*object)}};
  json::object patch;
  if (!view.deleting() && !view.has_our_finalizer()) {
    json::array finalizers;
    if (const json::array* others = core::find_array(*object, {"metadata", "finalizers"}))
      finalizers = *others;
    finalizers.push_back(json::string(finalizer));
    metadata["finalizers"] = std::move(finalizers);
    patch["metadata"] = json::object();
  }
  if (has_id && view.external_id().empty()) {
    std::string id(core::find_string(view.status(), {"handled", "externalID"}));
    if (view.has_status_of_another()) id.clear();
    if (id.empty() && !view.deleting()) id = core::Uuid::random().to_string();
    if (!id.empty()) patch["spec"] = json::object{{"externalID", id}};
  }
  if (patch.empty()) co_return object;
  patch["metadata"] = std::move(metadata);
  core::Result<json::object> written = co_await context.client.patch(
      resource, kube::key_of(*object), kube::PatchType::merge, json::value(std::move(patch)));
  if (!written) co_return core::fail(written.error());
  co_return informer.apply_written(std::move(*written));
}

async::Task<core::Result<>> release(Context& context, runtime::Informer& informer, Object object) {
  for (int attempt = 1;; ++attempt) {
    core::Result<json::object> released = co_await runtime::remove_finalizer(
        context.client, informer.resource(), *object, std::string(finalizer));
    if (released) {
      if (!released->empty()) informer.apply_written(std::move(*released));
      co_return core::Result<>();
    }
    if (released.error().kind != core::ErrorKind::conflict || attempt >= most_attempts)
      co_return core::fail(released.error());
    core::Result<Object> newest = co_await read_again(context, informer, object);
    if (!newest) {
      if (newest.error().kind == core::ErrorKind::not_found) co_return core::Result<>();
      co_return core::fail(newest.error());
    }
    object = std::move(*newest);
  }
}

}  // namespace catalog
