// RFC 7386.
#include "core/json.hpp"

namespace core {

void merge_patch(json::value& target, const json::value& patch) {
  const json::object* changes = patch.if_object();
  if (changes == nullptr) {
    target = patch;
    return;
  }
  if (!target.is_object()) target.emplace_object();
  json::object& object = target.get_object();
  for (const auto& change : *changes) {
    if (change.value().is_null()) {
      object.erase(change.key());
    } else {
      merge_patch(object[change.key()], change.value());
    }
  }
}

json::value diff_as_merge_patch(const json::value& from, const json::value& to) {
  if (!from.is_object() || !to.is_object()) return to;
  json::object patch;
  for (const auto& entry : from.get_object()) {
    if (!to.get_object().contains(entry.key())) patch[entry.key()] = nullptr;
  }
  for (const auto& entry : to.get_object()) {
    const json::value* before = from.get_object().if_contains(entry.key());
    if (before == nullptr) {
      patch[entry.key()] = entry.value();
    } else if (*before != entry.value()) {
      patch[entry.key()] = diff_as_merge_patch(*before, entry.value());
    }
  }
  return patch;
}

}  // namespace core
