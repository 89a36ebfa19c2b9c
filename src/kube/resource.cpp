#include "kube/resource.hpp"

#include <algorithm>

namespace kube {

namespace resources {
const Resource namespaces{
    .group = "", .version = "v1", .kind = "Namespace", .plural = "namespaces", .namespaced = false};
const Resource secrets{.group = "", .version = "v1", .kind = "Secret", .plural = "secrets"};
const Resource config_maps{.group = "", .version = "v1", .kind = "ConfigMap", .plural = "configmaps"};
const Resource events{.group = "", .version = "v1", .kind = "Event", .plural = "events"};
const Resource service_accounts{
    .group = "", .version = "v1", .kind = "ServiceAccount", .plural = "serviceaccounts"};
const Resource leases{.group = "coordination.k8s.io", .version = "v1", .kind = "Lease", .plural = "leases"};
const Resource subject_access_reviews{.group = "authorization.k8s.io",
                                      .version = "v1",
                                      .kind = "SubjectAccessReview",
                                      .plural = "subjectaccessreviews",
                                      .namespaced = false};
}  // namespace resources

std::string Resource::api_version() const {
  return group.empty() ? version : group + "/" + version;
}

std::string ObjectKey::to_string() const {
  return namespace_.empty() ? name : namespace_ + "/" + name;
}

ObjectKey key_of(const json::object& object) {
  return {.namespace_ = std::string(namespace_of(object)), .name = std::string(name_of(object))};
}

std::string_view name_of(const json::object& object) {
  return core::find_string(object, {"metadata", "name"});
}
std::string_view namespace_of(const json::object& object) {
  return core::find_string(object, {"metadata", "namespace"});
}
std::string_view uid_of(const json::object& object) {
  return core::find_string(object, {"metadata", "uid"});
}
std::string_view resource_version_of(const json::object& object) {
  return core::find_string(object, {"metadata", "resourceVersion"});
}
std::int64_t generation_of(const json::object& object) {
  return core::find_int(object, {"metadata", "generation"}).value_or(0);
}
bool is_being_deleted(const json::object& object) {
  return !core::find_string(object, {"metadata", "deletionTimestamp"}).empty();
}

bool has_finalizer(const json::object& object, std::string_view finalizer) {
  const json::array* finalizers = core::find_array(object, {"metadata", "finalizers"});
  return finalizers != nullptr && std::ranges::any_of(*finalizers, [&](const json::value& entry) {
           return entry.is_string() && std::string_view(entry.get_string()) == finalizer;
         });
}

json::object owner_reference_to(const json::object& owner) {
  return {{"apiVersion", core::find_string(owner, {"apiVersion"})},
          {"kind", core::find_string(owner, {"kind"})},
          {"name", name_of(owner)},
          {"uid", uid_of(owner)},
          {"controller", true},
          {"blockOwnerDeletion", true}};
}

}  // namespace kube
