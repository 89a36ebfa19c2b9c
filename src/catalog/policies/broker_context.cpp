#include "catalog/policies/broker_context.hpp"

#include "catalog/api/annotations.hpp"
#include "kube/resource.hpp"

namespace catalog {

namespace {

constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";

// Also where there are none: then those of an earlier request are gone.
json::object annotations_told(const json::object& object) {
  json::object told;
  const json::object* all = core::find_object(object, {"metadata", "annotations"});
  if (!all) return told;
  for (const json::key_value_pair& entry : *all) {
    if (entry.key() != last_applied && !entry.key().starts_with(annotations::prefix))
      told[entry.key()] = entry.value();
  }
  return told;
}

json::object place_of(const json::object& object, std::string_view cluster_id) {
  return {{"platform", "kubernetes"}, {"namespace", kube::namespace_of(object)}, {"clusterid", cluster_id}};
}

}  // namespace

json::object context_of_instance(const json::object& instance, const json::object& namespace_,
                                 std::string_view cluster_id) {
  json::object context = place_of(instance, cluster_id);
  context["instance_name"] = kube::name_of(instance);
  context["instance_annotations"] = annotations_told(instance);
  context["namespace_annotations"] = annotations_told(namespace_);
  return context;
}

json::object context_of_binding(const json::object& binding, std::string_view cluster_id) {
  return place_of(binding, cluster_id);
}

}  // namespace catalog
