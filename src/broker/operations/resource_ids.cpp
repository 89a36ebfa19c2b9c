#include "broker/operations/resource_ids.hpp"

#include <algorithm>

namespace broker {

namespace {

core::Result<> other(std::string_view what, std::string_view id, std::string_view attribute) {
  return core::fail(core::ErrorKind::invalid, "The " + std::string(what) + " " + std::string(id) +
                                                  " belongs to another " + std::string(attribute) +
                                                  " than the request says. Nothing was changed.");
}

bool may_be_of_plan(const InstanceRecord& instance, std::string_view plan_id) {
  if (plan_id.empty() || instance.plan_id.empty() || plan_id == instance.plan_id) return true;
  if (instance.update && instance.update->plan_id == plan_id) return true;
  if (instance.plan_ids.empty()) return instance.updates > 0;  // which ones it had was not recorded then
  return std::ranges::find(instance.plan_ids, plan_id) != instance.plan_ids.end();
}

}  // namespace

core::Result<> check_ids(const InstanceRecord& instance, std::string_view service_id,
                         std::string_view plan_id) {
  if (!service_id.empty() && !instance.service_id.empty() && service_id != instance.service_id)
    return other("instance", instance.id, "service");
  if (!may_be_of_plan(instance, plan_id)) return other("instance", instance.id, "plan");
  return {};
}

core::Result<> check_ids(const BindingRecord& binding, const InstanceRecord& instance,
                         std::string_view service_id, std::string_view plan_id) {
  // A binding that the Go broker made is of its instance's service and plan.
  const std::string& service = binding.service_id.empty() ? instance.service_id : binding.service_id;
  if (!service_id.empty() && !service.empty() && service_id != service)
    return other("binding", binding.id, "service");
  if (plan_id == binding.plan_id || may_be_of_plan(instance, plan_id)) return {};
  return other("binding", binding.id, "plan");
}

}  // namespace broker
