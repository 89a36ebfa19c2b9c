// What admission is asked, whoever asks: the embedded control plane or a Kubernetes API server's webhook
// call.
#pragma once

#include <string>
#include <vector>

#include "core/json.hpp"
#include "kube/resource.hpp"

namespace catalog::admission {

namespace json = boost::json;

struct User {
  std::string username, uid;
  std::vector<std::string> groups;
  json::object extra;

  [[nodiscard]] json::object to_json() const;  // as spec.userInfo has it
};

enum class Operation { create, update, remove };

struct Request {
  kube::Resource resource;
  std::string subresource;  // "" | "status"
  Operation operation = Operation::create;
  kube::ObjectKey key;
  json::object object;      // empty for remove
  json::object old_object;  // empty for create
  User user;
  bool dry_run = false;
};

}  // namespace catalog::admission
