// One owner for an external id: of several objects that name the same one, which may speak to the broker
// about it. The others wait: they get no call, and their deletion is none of the broker's business. Pure.
//
// Ids are compared exactly: OSB knows no case-insensitive ids.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/api/views.hpp"
#include "catalog/policies/problem.hpp"

namespace catalog {

// What status shows of an object's dealings with the broker.
enum class Standing {
  none,
  asked,      // a call was announced: the broker may know it
  confirmed,  // the broker has carried one out
};
[[nodiscard]] Standing standing_of(const InstanceView& instance);
[[nodiscard]] Standing standing_of(const BindingView& binding);

// An object that is there and has not let go. One that is being deleted holds its ids until its finalizer is
// removed.
[[nodiscard]] bool holds_its_ids(const ObjectView& object);
// Under which the broker knows it, or will: of an instance spec.externalID, of a binding also those of
// rotated credentials.
[[nodiscard]] std::vector<std::string> external_ids_of_instance(const json::object& instance);
[[nodiscard]] std::vector<std::string> external_ids_of_binding(const json::object& binding);

struct Holder {
  const json::object* object;
  Standing standing;
  bool claimed = false;  // this process has begun to work for it
};
// The one that has come furthest with the broker; then the one that was there first; then the smaller uid.
// Precondition: there is one.
[[nodiscard]] const json::object* owner_among(std::span<const Holder> holders);

// What the one that has to wait is told. Names are told inside a namespace only: who may look into one
// namespace may not know what is in another.
[[nodiscard]] Problem id_in_use(const OperatedView& object, const json::object& owner);

}  // namespace catalog
