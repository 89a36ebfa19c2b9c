#include "catalog/controllers/external_ids.hpp"

#include <algorithm>

#include "catalog/policies/ownership.hpp"

namespace catalog {

namespace {

std::string claim_key(const runtime::Informer& informer, std::string_view id) {
  return informer.resource().plural + "/" + std::string(id);
}

}  // namespace

template <class View>
Object ExternalIds::find_other(runtime::Informer& informer, const View& view) {
  std::string id(view.external_id());
  if (id.empty()) return nullptr;
  std::string& claimed_by = claims_[claim_key(informer, id)];
  std::vector<Object> known = informer.store().by_index(indexes::by_external_id, id);
  std::vector<Holder> holders;
  for (const Object& object : known) {
    View other(*object);
    if (!holds_its_ids(other)) continue;
    holders.push_back({.object = object.get(),
                       .standing = standing_of(other),
                       .claimed = !claimed_by.empty() && kube::uid_of(*object) == claimed_by});
  }
  const json::object* owner = holders.empty() ? nullptr : owner_among(holders);
  if (!owner || kube::uid_of(*owner) == kube::uid_of(view.object())) {
    claimed_by = kube::uid_of(view.object());
    return nullptr;
  }
  auto found = std::ranges::find_if(known, [&](const Object& object) { return object.get() == owner; });
  return *found;
}

Object ExternalIds::other_owner(const InstanceView& instance) {
  return find_other(stores_.instances(), instance);
}

Object ExternalIds::other_owner(const BindingView& binding) {
  return find_other(stores_.bindings(), binding);
}

void ExternalIds::forget(const json::object& object) {
  std::string_view id = core::find_string(object, {"spec", "externalID"});
  for (const runtime::Informer* informer : {&stores_.instances(), &stores_.bindings()}) {
    auto claim = claims_.find(claim_key(*informer, id));
    if (claim != claims_.end() && claim->second == kube::uid_of(object)) claims_.erase(claim);
  }
}

async::Task<core::Result<>> confirm_owner(kube::Client& client, runtime::Informer& informer, Object owner,
                                          std::string external_id) {
  kube::ObjectKey key = kube::key_of(*owner);
  core::Result<json::object> now = co_await client.get(informer.resource(), key);
  if (!now && now.error().kind != core::ErrorKind::not_found) co_return core::fail(now.error());
  bool holds = now && kube::uid_of(*now) == kube::uid_of(*owner) && holds_its_ids(ObjectView(*now));
  if (holds) {
    std::vector<std::string> ids = informer.resource().plural == resources::service_bindings.plural
                                       ? external_ids_of_binding(*now)
                                       : external_ids_of_instance(*now);
    holds = std::ranges::find(ids, external_id) != ids.end();
  }
  if (holds) co_return core::Result<>();
  co_return core::fail(core::ErrorKind::conflict,
                       key.to_string() + ", the owner of the same external id, has changed or is gone");
}

}  // namespace catalog
