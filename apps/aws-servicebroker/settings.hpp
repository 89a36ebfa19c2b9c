// What the flags and the environment settle for the broker's operations and its catalog.
#pragma once

#include "aws/sts.hpp"
#include "broker/broker_options.hpp"
#include "broker/catalog.hpp"
#include "options.hpp"

// The file that --role-bindings names; none: no rules. Blocks. Errors name the flag: invalid (what is wrong
// in which rule), not_found, forbidden.
[[nodiscard]] core::Result<broker::RoleBindings> role_bindings_of(const Options& options);

// `region`: the broker's own. Errors: as above, and invalid (--binding-lifetime, overrides that give half of
// a pair of keys).
[[nodiscard]] core::Result<broker::BrokerOptions> broker_options_of(const Options& options,
                                                                    const aws::CallerIdentity& caller,
                                                                    const std::string& region);

[[nodiscard]] broker::CatalogOptions catalog_options_of(const Options& options,
                                                        const broker::BrokerOptions& broker);
