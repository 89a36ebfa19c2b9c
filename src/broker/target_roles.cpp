#include "broker/target_roles.hpp"

#include <algorithm>

#include "broker/account_parameters.hpp"

namespace broker {

namespace {

std::string value_of(const Values& values, std::string_view name) {
  const auto found = values.find(name);
  return found != values.end() ? found->second : std::string();
}

bool is_same_role(const Placement& one, const Placement& other) {
  return one.role_arn == other.role_arn && one.external_id == other.external_id &&
         one.access_key_id == other.access_key_id;
}

}  // namespace

std::vector<Placement> places_to_search(const BrokerOptions& options) {
  std::vector<Placement> places{Placement()};
  const auto add = [&](const StackParameters& parameters, const RoleBinding* rule) {
    auto each = place(parameters, rule, options.partition, options.account_id);
    if (each && std::ranges::find(places, *each) == places.end()) places.push_back(std::move(*each));
  };
  for (const RoleBinding& rule : options.role_bindings.rules()) {
    add({}, &rule);
    for (const std::string& region : rule.regions) add({.region = region}, &rule);
  }
  for (const std::string_view parameter :
       {std::string_view("target_role_name"), std::string_view("region"), access_key_parameter}) {
    for (const Values& values : options.overrides.each_with(parameter)) {
      add({.region = value_of(values, "region"),
           .target_role_name = value_of(values, "target_role_name"),
           .target_account_id = value_of(values, "target_account_id"),
           .access_key_id = value_of(values, access_key_parameter)},
          nullptr);
    }
  }
  return places;
}

std::vector<Placement> target_roles(const BrokerOptions& options) {
  std::vector<Placement> roles;
  for (Placement& each : places_to_search(options)) {
    const bool is_known =
        std::ranges::any_of(roles, [&each](const Placement& role) { return is_same_role(role, each); });
    if (!each.role_arn.empty() && !is_known) roles.push_back(std::move(each));
  }
  return roles;
}

bool is_closed(const Placement& place, const core::Error& error) {
  if (!place.access_key_id.empty() && error.kind == core::ErrorKind::unauthenticated) return true;
  return error.kind == core::ErrorKind::forbidden &&
         (!place.role_arn.empty() || !place.access_key_id.empty());
}

}  // namespace broker
