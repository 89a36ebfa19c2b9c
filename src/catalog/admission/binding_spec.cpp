#include "catalog/admission/binding_spec.hpp"

#include "catalog/admission/facts.hpp"
#include "catalog/policies/rotation.hpp"
#include "catalog/policies/secret_transforms.hpp"

namespace catalog::admission {

async::Task<core::Result<std::vector<kube::ObjectKey>>> unreadable_secrets(const Request& request,
                                                                           Lookup& lookup) {
  std::vector<kube::ObjectKey> unreadable;
  for (kube::ObjectKey& key : secrets_to_add(BindingView(request.object))) {
    if (key.namespace_.empty()) key.namespace_ = request.key.namespace_;
    User user = request.user;
    kube::ObjectKey secret = key;
    core::Result<bool> allowed = co_await lookup.may_read_secret(std::move(user), std::move(secret));
    if (!allowed) co_return core::fail(allowed.error());
    if (!*allowed) unreadable.push_back(std::move(key));
  }
  co_return unreadable;
}

core::Result<> check_transforms(const Request& request, const std::vector<kube::ObjectKey>& unreadable) {
  if (core::Result<> checked = check_secret_transforms(BindingView(request.object)); !checked)
    return core::fail(core::ErrorKind::invalid, checked.error().message, "Invalid");
  if (unreadable.empty()) return {};
  return forbidden("spec.secretTransforms: user \"" + request.user.username + "\" may not get Secret \"" +
                   unreadable.front().to_string() +
                   "\" (addKeysFrom): use a Secret that you may read, or ask for permission");
}

core::Result<> check_rotation(const BindingView& binding) {
  if (!core::find_object(binding.spec(), {"rotation"})) return {};
  auto given = [&](std::string_view field) {
    return core::find(binding.spec(), {"rotation", field}) != nullptr;
  };
  std::optional<std::chrono::milliseconds> interval = binding.rotation_interval();
  std::optional<std::chrono::milliseconds> overlap = binding.rotation_overlap();
  if (given("interval") && interval.value_or(std::chrono::milliseconds(0)) < rotation::shortest_interval)
    return invalid("spec.rotation.interval", "must be a duration of at least 1m, such as 720h");
  if (given("overlap") && overlap.value_or(std::chrono::milliseconds(0)) < rotation::shortest_overlap)
    return invalid("spec.rotation.overlap", "must be a duration of at least 1s, such as 24h");
  if (interval && *interval <= overlap.value_or(rotation::default_overlap)) {
    return invalid("spec.rotation.interval",
                   "must be longer than overlap (1h by default), or old credentials would pile up");
  }
  return {};
}

}  // namespace catalog::admission
