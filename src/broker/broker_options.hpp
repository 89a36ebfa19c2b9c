// What the administrator decides once for the whole broker.
#pragma once

#include <string>

#include "broker/parameters.hpp"

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
  Overrides overrides;
};

}  // namespace broker
