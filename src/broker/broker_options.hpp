// What the administrator decides once for the whole broker.
#pragma once

#include <chrono>
#include <string>

#include "broker/parameters.hpp"
#include "broker/role_bindings.hpp"

namespace broker {

enum class BindingCredentials {
  per_binding,  // each binding has an IAM user of its own, removed by unbind
  shared,       // all bindings show the key pair that the stack made, as the Go broker did
};

struct BrokerOptions {
  std::string broker_id;
  std::string account_id;
  std::string partition = "aws";
  BindingCredentials binding_credentials = BindingCredentials::per_binding;
  std::chrono::milliseconds binding_lifetime{0};  // 0: without an end
  Overrides overrides;
  RoleBindings role_bindings;
};

}  // namespace broker
