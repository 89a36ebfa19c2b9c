#include "settings.hpp"

#include <unistd.h>

#include "aws/endpoints.hpp"
#include "broker/access_keys.hpp"
#include "broker/bindings/lifetime.hpp"
#include "core/file.hpp"

using core::fail;

namespace {

std::vector<std::string> whole_environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) entries.emplace_back(*entry);
  return entries;
}

}  // namespace

core::Result<broker::RoleBindings> role_bindings_of(const Options& options) {
  if (options.role_bindings.empty()) return broker::RoleBindings();
  auto text = core::read_file(options.role_bindings);
  if (!text) return fail(text.error().with_context("--role-bindings"));
  auto bindings = broker::RoleBindings::parse(*text);
  if (!bindings) return fail(bindings.error().with_context("--role-bindings " + options.role_bindings));
  return bindings;
}

core::Result<broker::BrokerOptions> broker_options_of(const Options& options,
                                                      const aws::CallerIdentity& caller,
                                                      const std::string& region) {
  broker::BrokerOptions result{
      .broker_id = options.broker_id,
      .account_id = caller.account,
      .partition = std::string(aws::partition_of(region)),
      .overrides = broker::Overrides::from_environment(options.broker_id, whole_environment())};
  if (auto keys = broker::access_keys(result.overrides); !keys) return fail(std::move(keys.error()));
  if (options.binding_credentials == "shared")
    result.binding_credentials = broker::BindingCredentials::shared;
  if (!options.binding_lifetime.empty()) {
    const auto lifetime = broker::parse_lifetime(options.binding_lifetime);
    if (!lifetime) return fail(lifetime.error().with_context("--binding-lifetime"));
    result.binding_lifetime = *lifetime;
  }
  auto role_bindings = role_bindings_of(options);
  if (!role_bindings) return fail(std::move(role_bindings.error()));
  result.role_bindings = std::move(*role_bindings);
  return result;
}

broker::CatalogOptions catalog_options_of(const Options& options, const broker::BrokerOptions& broker) {
  broker::CatalogOptions result;
  if (options.prescribe_overrides) result.hidden_parameters = broker.overrides.for_everyone();
  if (!broker.role_bindings.users_may_choose_role())
    result.hidden_parameters.insert(broker::place_parameters.begin(), broker::place_parameters.end());
  result.bindings_have_users = broker.binding_credentials == broker::BindingCredentials::per_binding;
  return result;
}
