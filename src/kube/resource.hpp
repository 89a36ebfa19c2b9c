// What a kind is called in the API, and how one object is named.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "core/json.hpp"

namespace kube {

namespace json = boost::json;

struct Resource {
  std::string group;  // "" for the core group
  std::string version;
  std::string kind;    // "ServiceInstance"
  std::string plural;  // "serviceinstances"
  bool namespaced = true;

  [[nodiscard]] std::string api_version() const;  // "v1", "servicecatalog.k8s.io/v1beta1"
  friend bool operator==(const Resource&, const Resource&) = default;
};

// namespace_ is empty for cluster-scoped objects.
struct ObjectKey {
  std::string namespace_;
  std::string name;

  [[nodiscard]] std::string to_string() const;  // "s3-demo/s3-bucket" or "aws-servicebroker"
  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
};

// The kinds of the core API that we use.
namespace resources {
extern const Resource namespaces, secrets, config_maps, events, service_accounts, leases,
    subject_access_reviews;
}

// Metadata of an object, read in place. "" where absent.
[[nodiscard]] ObjectKey key_of(const json::object& object);
[[nodiscard]] std::string_view name_of(const json::object& object);
[[nodiscard]] std::string_view namespace_of(const json::object& object);
[[nodiscard]] std::string_view uid_of(const json::object& object);
[[nodiscard]] std::string_view resource_version_of(const json::object& object);
[[nodiscard]] std::int64_t generation_of(const json::object& object);
[[nodiscard]] bool is_being_deleted(const json::object& object);  // has a deletionTimestamp
[[nodiscard]] bool has_finalizer(const json::object& object, std::string_view finalizer);
// An ownerReferences entry with controller: true and blockOwnerDeletion: true.
[[nodiscard]] json::object owner_reference_to(const json::object& owner);

}  // namespace kube
