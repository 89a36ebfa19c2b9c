// How admission comes into the embedded control plane: an interface that apps/ fills with the catalog's
// functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "kube/resource.hpp"

namespace apiserver {

struct UserInfo {
  std::string username, uid;
  std::vector<std::string> groups;
  boost::json::object extra;
};

enum class Operation { create, update, remove };

struct AdmissionRequest {
  kube::Resource resource;
  std::string subresource;  // "" | "status"
  Operation operation = Operation::create;
  kube::ObjectKey key;
  boost::json::object object;      // empty for remove
  boost::json::object old_object;  // empty for create
  UserInfo user;
  bool dry_run = false;
};

class Admission {
 public:
  virtual ~Admission() = default;
  // The object as it shall be stored, or why it is refused (kind forbidden: 403; invalid: 422; the message as
  // the user will read it). Called after defaulting and before schema validation.
  [[nodiscard]] virtual async::Task<core::Result<boost::json::object>> admit(AdmissionRequest request) = 0;
};

}  // namespace apiserver
