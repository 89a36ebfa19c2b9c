#include "apiserver/lifecycle.hpp"

#include <algorithm>
#include <array>

#include "apiserver/core_kinds.hpp"
#include "core/uuid.hpp"

namespace apiserver {

namespace {

// Members of metadata that clients cannot set.
constexpr std::array<std::string_view, 6> servers_own{
    "uid", "creationTimestamp", "selfLink", "deletionTimestamp", "generation", "deletionGracePeriodSeconds"};

json::object& metadata_of(json::object& object) {
  return object["metadata"].as_object();
}

void carry(const json::object& from, json::object& to, std::string_view member) {
  if (const json::value* value = from.if_contains(member)) {
    to[member] = *value;
  } else {
    to.erase(member);
  }
}

std::vector<std::string> new_finalizers(const json::object& current, const json::object& next) {
  std::vector<std::string> added;
  const json::array* const list = core::find_array(next, {"metadata", "finalizers"});
  if (list == nullptr) return added;
  for (const json::value& finalizer : *list) {
    if (!kube::has_finalizer(current, finalizer.as_string())) added.emplace_back(finalizer.as_string());
  }
  return added;
}

void set_finalizer(json::object& metadata, std::string_view name, bool wanted) {
  json::value& list = metadata["finalizers"];
  if (!list.is_array()) list.emplace_array();
  json::array& finalizers = list.get_array();
  auto* const present = std::ranges::find(finalizers, json::value(name));
  if (wanted && present == finalizers.end()) finalizers.emplace_back(name);
  if (!wanted && present != finalizers.end()) finalizers.erase(present);
  if (finalizers.empty()) metadata.erase("finalizers");
}

json::object without_bookkeeping(const json::object& object) {
  json::object copy = object;
  core::erase(copy, {"metadata", "resourceVersion"});
  core::erase(copy, {"metadata", "generation"});
  if (json::value* managers = copy["metadata"].as_object().if_contains("managedFields");
      managers != nullptr && managers->is_array()) {
    for (json::value& entry : managers->get_array()) {
      if (json::object* members = entry.if_object()) members->erase("time");
    }
  }
  return copy;
}

}  // namespace

void begin_life(const Kind& kind, json::object& object, const std::string& now) {
  json::object& metadata = metadata_of(object);
  for (const std::string_view member : servers_own) metadata.erase(member);
  metadata.erase("resourceVersion");
  metadata["uid"] = core::Uuid::random().to_string();
  metadata["creationTimestamp"] = now;
  if (!kind.built_in) metadata["generation"] = 1;
  if (!kind.resource.namespaced) metadata.erase("namespace");
  if (kind.has_status) object.erase("status");
}

Answer<> continue_life(const Kind& kind, const json::object& current, json::object& next,
                       std::string_view subresource) {
  const std::string_view name = kube::name_of(current);
  const json::object& old_metadata = current.at("metadata").as_object();
  json::object& metadata = metadata_of(next);
  if (const std::string_view uid = kube::uid_of(next); !uid.empty() && uid != kube::uid_of(current)) {
    return refuse_conflict(kind.resource, name,
                           "Precondition failed: UID in precondition: " + std::string(uid) +
                               ", UID in object meta: " + std::string(kube::uid_of(current)));
  }
  const std::string_view version = kube::resource_version_of(next);
  if (!version.empty() && version != kube::resource_version_of(current))
    return refuse_conflict(kind.resource, name);

  if (!subresource.empty()) {
    json::object changed = current;
    carry(next, changed, subresource == "finalize" ? "spec" : "status");
    if (const json::value* managed = metadata.if_contains("managedFields"))
      changed["metadata"].as_object()["managedFields"] = *managed;
    next = std::move(changed);
    return {};
  }
  for (const std::string_view member : servers_own) carry(old_metadata, metadata, member);
  metadata["resourceVersion"] = old_metadata.at("resourceVersion");
  if (!metadata.contains("managedFields")) carry(old_metadata, metadata, "managedFields");
  if (kind.has_status) carry(current, next, "status");
  if (kube::is_being_deleted(current)) {
    if (const auto added = new_finalizers(current, next); !added.empty()) {
      std::string list;
      for (const std::string& finalizer : added) list += (list.empty() ? "\"" : ", \"") + finalizer + "\"";
      return refuse_invalid(kind.resource, name,
                            {{.reason = "FieldValueForbidden",
                              .message = "Forbidden: no new finalizers can be added if the object is being "
                                         "deleted, found new finalizers []string{" +
                                         list + "}",
                              .field = "metadata.finalizers"}});
    }
  }
  return {};
}

void count_generation(const Kind& kind, const json::object& current, json::object& next) {
  if (kind.built_in) return;
  const auto wishes = [&kind](const json::object& object) {
    json::object copy = object;
    copy.erase("metadata");
    if (kind.has_status) copy.erase("status");
    return copy;
  };
  if (wishes(current) != wishes(next)) metadata_of(next)["generation"] = kube::generation_of(current) + 1;
}

json::object begin_deletion(const Kind& kind, const json::object& current, const DeleteOptions& options,
                            const std::string& now) {
  json::object next = current;
  json::object& metadata = metadata_of(next);
  if (!options.propagation_policy.empty()) {
    set_finalizer(metadata, orphan_finalizer, options.propagation_policy == "Orphan");
    set_finalizer(metadata, foreground_finalizer, options.propagation_policy == "Foreground");
  }
  if (kube::is_being_deleted(current)) return next;
  metadata["deletionTimestamp"] = now;
  if (!kind.is(kube::resources::namespaces)) metadata["deletionGracePeriodSeconds"] = 0;
  if (metadata.contains("generation")) metadata["generation"] = kube::generation_of(current) + 1;
  if (kind.is(kube::resources::namespaces)) core::set(next, {"status", "phase"}, "Terminating");
  return next;
}

bool has_finalizers(const Kind& kind, const json::object& object) {
  const json::array* const finalizers = core::find_array(object, {"metadata", "finalizers"});
  return (finalizers != nullptr && !finalizers->empty()) || has_own_finalizers(kind, object);
}

bool may_go(const Kind& kind, const json::object& object) {
  return kube::is_being_deleted(object) && !has_finalizers(kind, object);
}

bool same_content(const json::object& left, const json::object& right) {
  return without_bookkeeping(left) == without_bookkeeping(right);
}

}  // namespace apiserver
