#include "broker/bindings/role_policy.hpp"

#include "broker/bindings/steps.hpp"
#include "core/text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;

bool has_policy(const BindingRecord& binding) {
  return !binding.role_name.empty() && !binding.policy_arn.empty();
}

}  // namespace

core::Result<std::pair<std::string, std::string>> role_and_scope(const json::value& parameters) {
  std::string role;
  std::string scope;
  const json::object* given = parameters.if_object();
  if (given == nullptr) return std::pair(role, scope);
  for (const auto& entry : *given) {
    const std::string name = core::to_lower(entry.key());
    if (name != "rolename" && name != "scope") {
      return fail(ErrorKind::invalid, "The parameter " + std::string(entry.key()) +
                                          " is not available; a binding takes RoleName and Scope.");
    }
    if (!entry.value().is_string())
      return fail(ErrorKind::invalid, "The parameter " + std::string(entry.key()) + " must be a string.");
    (name == "rolename" ? role : scope) = std::string(entry.value().get_string());
  }
  if (role.empty() && !scope.empty())
    return fail(ErrorKind::invalid, "The parameter RoleName is required where Scope is given.");
  return std::pair(role, scope);
}

bool is_same_scope(std::string_view one, std::string_view other) {
  return core::to_lower(one) == core::to_lower(other);
}

core::Result<std::string> policy_of_scope(const Outputs& outputs, std::string_view scope) {
  const std::string wanted = std::string(policy_output) + std::string(scope);
  for (const auto& [name, value] : outputs) {
    if (is_same_scope(name, wanted) && !value.empty()) return value;
  }
  return fail(ErrorKind::invalid, "The service has no policy for the scope \"" + std::string(scope) + "\".");
}

async::Task<core::Result<>> attach_policy(Cloud& cloud, const BindingRecord& binding) {
  if (!has_policy(binding)) co_return core::Result<>();
  auto attached = co_await cloud.attach_role_policy(binding.role_name, binding.policy_arn);
  if (!attached && attached.error().kind == ErrorKind::not_found)
    co_return fail(ErrorKind::invalid,
                   "There is no role " + binding.role_name + ": " + attached.error().message);
  co_return attached;
}

async::Task<core::Result<>> detach_policy(Cloud& cloud, const BindingRecord& binding) {
  if (!has_policy(binding)) co_return core::Result<>();
  auto detached = co_await cloud.detach_role_policy(binding.role_name, binding.policy_arn);
  co_return is_done(detached) ? core::Result<>() : std::move(detached);
}

}  // namespace broker
