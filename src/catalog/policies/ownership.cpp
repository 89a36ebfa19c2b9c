#include "catalog/policies/ownership.hpp"

#include <algorithm>
#include <tuple>

#include "catalog/api/reasons.hpp"
#include "catalog/policies/rotation.hpp"
#include "core/text.hpp"

namespace catalog {

namespace {

bool is_open(std::string_view removal) {
  return removal == "Required" || removal == "Failed";
}

// Creation times are whole seconds in RFC 3339, so that their texts sort as they do; uids tell the rest.
auto rank(const Holder& holder) {
  return std::tuple(-static_cast<int>(holder.standing), !holder.claimed,
                    core::find_string(*holder.object, {"metadata", "creationTimestamp"}),
                    kube::uid_of(*holder.object));
}

}  // namespace

Standing standing_of(const InstanceView& instance) {
  if (instance.provision_status() == "Provisioned") return Standing::confirmed;
  bool asked = is_open(instance.deprovision_status()) || !instance.current_operation().empty();
  return asked ? Standing::asked : Standing::none;
}

Standing standing_of(const BindingView& binding) {
  if (core::find_object(binding.status(), {"externalProperties"}) || binding.ready())
    return Standing::confirmed;
  bool asked = is_open(binding.unbind_status()) || !binding.current_operation().empty();
  return asked ? Standing::asked : Standing::none;
}

bool holds_its_ids(const ObjectView& object) {
  return !object.deleting() || object.has_our_finalizer();
}

std::vector<std::string> external_ids_of_instance(const json::object& instance) {
  std::string_view id = InstanceView(instance).external_id();
  return id.empty() ? std::vector<std::string>() : std::vector{std::string(id)};
}

std::vector<std::string> external_ids_of_binding(const json::object& binding) {
  std::vector<std::string> ids = rotation::ids(BindingView(binding));
  std::string id(BindingView(binding).external_id());
  if (!id.empty() && std::ranges::find(ids, id) == ids.end()) ids.push_back(std::move(id));
  return ids;
}

const json::object* owner_among(std::span<const Holder> holders) {
  return std::ranges::min_element(holders, {}, rank)->object;
}

Problem id_in_use(const OperatedView& object, const json::object& owner) {
  std::string kind(core::find_string(owner, {"kind"}));
  if (kind.empty()) kind = core::find_string(object.object(), {"kind"});
  std::string id = core::shortened(object.external_id(), 100);
  bool same_namespace = kube::namespace_of(owner) == kube::namespace_of(object.object());
  std::string message = "spec.externalID \"" + id + "\" is that of ";
  if (same_namespace) {
    message += "the " + kind + " \"" + std::string(kube::name_of(owner)) + "\"";
  } else {
    message += "another " + kind + " of this cluster";
  }
  message +=
      ". The broker is not called for this object, and not when it is deleted. It takes over when the other "
      "one is gone. To get an instance of its own, delete it and create it without spec.externalID.";
  if (!same_namespace) {
    message += " An administrator can find the other one with kubectl get " +
               std::string(kind == "ServiceBinding" ? "servicebindings" : "serviceinstances") +
               " -A --field-selector spec.externalID=" + id;
  }
  return Problem(reasons::external_id_in_use, std::move(message));
}

}  // namespace catalog
