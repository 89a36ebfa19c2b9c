// The annotations by which users ask for what no field of spec says. Each is switched on by the value "true",
// but for `rotate`, of which any new value counts, and `adopt-from`, which names a namespace.
#pragma once

#include <string_view>

#include "core/json.hpp"

namespace catalog {

namespace json = boost::json;

namespace annotations {
inline constexpr std::string_view prefix = "servicecatalog.k8s.io/";
// On instances and bindings. A deletion ends without another call to the broker, and what the broker has
// stays there. This includes the bindings of an instance. Setting it requires the verb `abandon` on the
// resource.
inline constexpr std::string_view abandon = "servicecatalog.k8s.io/abandon";
// On instances and bindings. The object can be deleted, and the broker keeps what it created.
inline constexpr std::string_view retain = "servicecatalog.k8s.io/retain";
// On instances and bindings. A deletion of the object is refused.
inline constexpr std::string_view prevent_deletion = "servicecatalog.k8s.io/prevent-deletion";
// On instances and bindings. The broker is not called, and a deletion waits.
inline constexpr std::string_view pause = "servicecatalog.k8s.io/pause";
// On instances. When the instance is deleted, its bindings are deleted first.
inline constexpr std::string_view cascade_deletion = "servicecatalog.k8s.io/cascade-deletion";
// On instances. The namespace (`shop`, or `<cluster id>/shop`) that the instance of spec.externalID belonged
// to. The broker is asked to hand the instance over. Setting it requires the verb `adopt` on serviceinstances
// in that namespace, or in all namespaces if it has a cluster id.
inline constexpr std::string_view adopt_from = "servicecatalog.k8s.io/adopt-from";
// On bindings. A new value requests new credentials.
inline constexpr std::string_view rotate = "servicecatalog.k8s.io/rotate";
}  // namespace annotations

// Part of the message of a deletion that cannot continue.
inline constexpr std::string_view way_out_of_deletion =
    "The deletion then continues. To delete the object and leave what the broker may have for it, annotate "
    "it with servicecatalog.k8s.io/abandon=true.";

// "" where the object has none of that name.
[[nodiscard]] inline std::string_view annotation(const json::object& object, std::string_view name) {
  return core::find_string(object, {"metadata", "annotations", name});
}
[[nodiscard]] inline bool is_annotated(const json::object& object, std::string_view name) {
  return annotation(object, name) == "true";
}

// Those of the catalog, and no others.
[[nodiscard]] inline json::object catalog_annotations(const json::object& object) {
  json::object found;
  if (const json::object* all = core::find_object(object, {"metadata", "annotations"})) {
    for (const json::key_value_pair& entry : *all) {
      if (entry.key().starts_with(annotations::prefix)) found[entry.key()] = entry.value();
    }
  }
  return found;
}

}  // namespace catalog
