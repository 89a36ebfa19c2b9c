// The IAM user of one binding: it has the policies of the stack's injected user, so that unbind can revoke
// the binding alone. Its name follows from the binding's id; whatever is done here may be done again.
#pragma once

#include <functional>
#include <string>

#include "async/clock.hpp"
#include "broker/cloud/cloud.hpp"
#include "broker/store/store.hpp"
#include "core/seal.hpp"

namespace broker {

class BindingUsers {
 public:
  // All but the id outlive this.
  BindingUsers(std::string broker_id, Store& store, const core::Sealer& sealer, async::Clock& clock)
      : broker_id_(std::move(broker_id)), store_(store), sealer_(sealer), clock_(clock) {}

  // User, policies and a key whose secret can be shown; what is made is noted in the binding.
  [[nodiscard]] async::Task<core::Result<>> ensure(Cloud& cloud, const InstanceRecord& instance,
                                                   BindingRecord& binding);
  // Gives the binding's user the policies that the stack's user has now, and no others.
  [[nodiscard]] async::Task<core::Result<>> copy_policies(Cloud& cloud, const InstanceRecord& instance,
                                                          const BindingRecord& binding,
                                                          bool user_is_new = false);
  // Keys, policies, user, in the order in which IAM lets them go. Error: not_found where there is no such
  // user, or one that is not the binding's, which is left as it is.
  [[nodiscard]] async::Task<core::Result<>> remove(Cloud& cloud, std::string user, std::string instance_id,
                                                   std::string binding_id);
  // The same of a recorded binding. Of a user whose tags say that it is not the binding's, or not any more,
  // the recorded key alone is removed. Error: conflict where such a user has keys, and none is recorded.
  [[nodiscard]] async::Task<core::Result<>> remove_recorded(Cloud& cloud, const BindingRecord& binding);
  // Whether the user was made for the binding by this broker: by its tags, never by its name. Error:
  // not_found.
  [[nodiscard]] async::Task<core::Result<bool>> is_own(Cloud& cloud, std::string user,
                                                       std::string instance_id, std::string binding_id);

 private:
  // Error: conflict where the user of the binding's name is somebody else's.
  [[nodiscard]] async::Task<core::Result<>> check_own(Cloud& cloud, const BindingRecord& binding);
  // Whether it was made just now.
  [[nodiscard]] async::Task<core::Result<bool>> ensure_user(Cloud& cloud, const InstanceRecord& instance,
                                                            BindingRecord& binding);
  [[nodiscard]] async::Task<core::Result<>> ensure_access_key(Cloud& cloud, BindingRecord& binding,
                                                              bool user_is_new);
  // Repeats what IAM refuses because it does not know the user: it takes seconds until a new one is known
  // everywhere. A policy that asks for the user's tags may forbid what is done with one that was made just
  // now; for any other user that is final. Ends at once where a crossing request has changed the binding's
  // record: that may have removed the user.
  template <class T>
  [[nodiscard]] async::Task<core::Result<T>> once_known(const BindingRecord& binding, bool user_is_new,
                                                        std::function<async::Task<core::Result<T>>()> act);

  std::string broker_id_;
  Store& store_;
  const core::Sealer& sealer_;
  async::Clock& clock_;
};

}  // namespace broker
