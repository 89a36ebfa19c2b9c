// From an instance as it is and a PATCH to the instance as it is wanted. Pure: no secret is sealed here, and
// nothing is asked.
#pragma once

#include <optional>

#include "broker/parameters.hpp"
#include "osb/types.hpp"

namespace broker {

// What of an instance an update can change. `sent` and `tags` are what its stack is made with.
struct InstanceValues {
  boost::json::object given;  // the parameters that its user gave
  boost::json::object sent;
  boost::json::object tags;  // none are known of an instance of the Go broker
  [[nodiscard]] bool operator==(const InstanceValues&) const = default;
};

struct UpdateTarget {
  Selection now;
  Selection wanted;  // another plan, a newer template, or the same
  [[nodiscard]] bool keeps_plan() const { return now.plan->name == wanted.plan->name; }
  [[nodiscard]] bool keeps_all() const {
    return keeps_plan() && now.service->digest == wanted.service->digest;
  }
};

// What of the given values is not the plan's own.
[[nodiscard]] boost::json::object without_plans_own(boost::json::object given, const Selection& plan);

// With the same plan only UpdatableParameters may change; parameters that are left out keep their values.
// Another plan or template gives its own defaults and prescribed values, under what the user had given and is
// still offered. Account, role and region stay: the stack is there. Errors: invalid, naming the parameter,
// and which ones can be changed.
[[nodiscard]] core::Result<InstanceValues> wanted_values(const InstanceValues& values,
                                                         const UpdateTarget& target,
                                                         const Overrides& overrides,
                                                         const osb::UpdateRequest& request);

}  // namespace broker
