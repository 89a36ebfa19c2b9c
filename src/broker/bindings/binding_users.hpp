// The IAM user of one binding: it has the policies of the stack's injected user, so that unbind can revoke
// the binding alone. Its name follows from the binding's id; whatever is done here may be done again.
#pragma once

#include <string>

#include "broker/cloud/cloud.hpp"
#include "broker/store/store.hpp"
#include "core/seal.hpp"

namespace broker {

class BindingUsers {
 public:
  // Store and sealer outlive this.
  BindingUsers(std::string broker_id, Store& store, const core::Sealer& sealer)
      : broker_id_(std::move(broker_id)), store_(store), sealer_(sealer) {}

  // User, policies and a key whose secret can be shown; what is made is noted in the binding.
  [[nodiscard]] async::Task<core::Result<>> ensure(Cloud& cloud, const InstanceRecord& instance,
                                                   BindingRecord& binding);
  // Keys, policies, user, in the order in which IAM lets them go. Error: not_found where there is no such
  // user.
  [[nodiscard]] async::Task<core::Result<>> remove(Cloud& cloud, std::string user);

 private:
  // Whether it was made just now.
  [[nodiscard]] async::Task<core::Result<bool>> ensure_user(Cloud& cloud, const InstanceRecord& instance,
                                                            BindingRecord& binding);
  [[nodiscard]] async::Task<core::Result<>> ensure_access_key(Cloud& cloud, BindingRecord& binding,
                                                              bool user_is_new);

  std::string broker_id_;
  Store& store_;
  const core::Sealer& sealer_;
};

}  // namespace broker
