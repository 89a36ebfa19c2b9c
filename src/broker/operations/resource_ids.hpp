// A request that removes something names the service and plan of what it means to remove. Pure.
#pragma once

#include <string_view>

#include "broker/records.hpp"

namespace broker {

// Where they are not those of the instance, or of the binding made of it, it is a mistake, and nothing must
// be touched. A plan may also be one that the instance had, or was to get by an update whose end the platform
// has missed. What is "" in the request or not recorded is not compared. Errors: invalid.
[[nodiscard]] core::Result<> check_ids(const InstanceRecord& instance, std::string_view service_id,
                                       std::string_view plan_id);
[[nodiscard]] core::Result<> check_ids(const BindingRecord& binding, const InstanceRecord& instance,
                                       std::string_view service_id, std::string_view plan_id);

}  // namespace broker
