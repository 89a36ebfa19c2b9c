// The cluster's own id, which brokers are told: kept in a ConfigMap (key "id"), made there once.
#pragma once

#include <string>

#include "kube/client.hpp"

namespace catalog {

namespace json = boost::json;

class ClusterId {
 public:
  ClusterId(kube::Client& client, kube::ObjectKey config_map)
      : client_(client), config_map_(std::move(config_map)) {}
  // Errors: those of the API (the ConfigMap can neither be read nor made).
  [[nodiscard]] async::Task<core::Result<std::string>> get();

 private:
  kube::Client& client_;
  kube::ObjectKey config_map_;
  std::string id_;
};

}  // namespace catalog
