// bind, unbind and the questions about bindings: the half of the broker that is about bindings. The broker's
// invariants (service_broker.hpp) hold here too.
//
// What may be long (BindViaLambda) goes on in the background where the platform lets it: the task group that
// is given owns it, and after a crash resume() or a poll takes it up again.
#pragma once

#include <set>
#include <string>

#include "async/clock.hpp"
#include "async/task_group.hpp"
#include "broker/access_keys.hpp"
#include "broker/bindings/binding_users.hpp"
#include "broker/bindings/instances.hpp"
#include "broker/broker_options.hpp"
#include "broker/cloud/cloud.hpp"
#include "broker/credentials.hpp"
#include "broker/store/store.hpp"
#include "core/seal.hpp"
#include "osb/types.hpp"

namespace broker {

// Ids of bindings, one entry for each task.
using BindingsInHand = std::multiset<std::string, std::less<>>;

// Ends however its task ends.
class InHand {
 public:
  InHand(BindingsInHand& all, std::string_view id) : all_(all), entry_(all.emplace(id)) {}
  ~InHand() { all_.erase(entry_); }
  InHand(const InHand&) = delete;
  InHand& operator=(const InHand&) = delete;

 private:
  BindingsInHand& all_;
  BindingsInHand::iterator entry_;
};

class BindingOperations {
 public:
  // All outlive this, and the group's tasks have ended before it goes.
  BindingOperations(const BrokerOptions& options, Instances& instances, Store& store, CloudProvider& clouds,
                    const core::Sealer& sealer, async::Clock& clock, async::TaskGroup& tasks)
      : options_(options),
        instances_(instances),
        store_(store),
        clouds_(clouds),
        sealer_(sealer),
        clock_(clock),
        tasks_(tasks),
        users_(options.broker_id, store, sealer, clock) {}

  [[nodiscard]] async::Task<core::Result<osb::BindResponse>> bind(const osb::BindRequest& request);
  [[nodiscard]] async::Task<core::Result<osb::UnbindResponse>> unbind(const osb::UnbindRequest& request);
  [[nodiscard]] async::Task<core::Result<osb::FetchBindingResponse>> fetch(
      const osb::FetchBindingRequest& request);
  [[nodiscard]] async::Task<core::Result<osb::LastOperationResponse>> last_operation(
      const osb::LastOperationRequest& request);

  // Bindings that the platform forgot would leave their users behind, and CloudFormation cannot delete what
  // they use.
  [[nodiscard]] async::Task<core::Result<>> revoke_all(InstanceRecord instance);
  // Gives the users of the instance's bindings the policies that its stack's user has now.
  [[nodiscard]] async::Task<core::Result<>> refresh_policies(InstanceRecord instance);

  // Takes up what a crash left unfinished. Called at start.
  [[nodiscard]] async::Task<core::Result<>> resume();
  // Takes what has expired from its users, every minute, until it is cancelled.
  [[nodiscard]] async::Task<> revoke_expired_for_ever();
  [[nodiscard]] async::Task<core::Result<>> revoke_expired();

 private:
  // --- bind.cpp
  [[nodiscard]] bool gives_own_user(const Template& service) const {
    return service.has_injected_user && options_.binding_credentials == BindingCredentials::per_binding;
  }
  [[nodiscard]] async::Task<core::Result<BindingRecord>> wanted(const osb::BindRequest& request,
                                                                const InstanceRecord& instance,
                                                                const Template& service,
                                                                const std::optional<BindingRecord>& known);
  // Error: conflict where another request was first.
  [[nodiscard]] async::Task<core::Result<BindingRecord>> record_binding(InstanceRecord instance,
                                                                        BindingRecord binding);
  // The credentials; the binding is ready then.
  [[nodiscard]] async::Task<core::Result<boost::json::object>> make(InstanceRecord instance,
                                                                    BindingRecord binding);
  [[nodiscard]] async::Task<> withdraw(InstanceRecord instance, BindingRecord binding, core::Error why);
  // The end of every removal: what was made, then the record. `user_is_in_the_way`: a user with the binding's
  // name may be another's, and stays.
  [[nodiscard]] async::Task<core::Result<>> remove_and_forget(const InstanceRecord& instance,
                                                              BindingRecord binding, bool user_is_in_the_way);
  [[nodiscard]] async::Task<core::Result<osb::BindResponse>> finish_removal(InstanceRecord instance,
                                                                            BindingRecord binding);
  [[nodiscard]] async::Task<core::Result<>> give_way(const InstanceRecord& instance,
                                                     const BindingRecord& made, const std::string& new_key,
                                                     const std::optional<BindingRecord>& now);

  // --- made_credentials.cpp
  [[nodiscard]] async::Task<core::Result<boost::json::object>> credentials_of(InstanceRecord instance,
                                                                              BindingRecord& binding);
  // As CloudFormation has it now. Errors: invalid (it is gone), conflict (it is another's).
  [[nodiscard]] async::Task<core::Result<aws::Stack>> own_stack(const InstanceRecord& instance);
  [[nodiscard]] async::Task<core::Result<std::vector<CredentialSource>>> sources_of(
      const InstanceRecord& instance, const Template& service, const Outputs& outputs);
  // Those that the function made are kept: it is asked once.
  [[nodiscard]] async::Task<core::Result<boost::json::object>> credentials_of_lambda(
      Cloud& cloud, const Outputs& outputs, BindingRecord& binding, boost::json::object credentials);
  [[nodiscard]] std::optional<boost::json::object> kept_credentials(const BindingRecord& binding) const;
  // Notes the policy's ARN in a binding that was recorded without it, and attaches it.
  [[nodiscard]] async::Task<core::Result<>> attach_role(Cloud& cloud, const Outputs& outputs,
                                                        BindingRecord& binding);

  // --- unbind.cpp
  // Whether the instance's template makes its credentials by a function. False where nobody knows the
  // template any more: the binding must still be removable.
  [[nodiscard]] async::Task<core::Result<bool>> binds_via_lambda(const InstanceRecord& instance);
  // The record with that intent; nullopt where it is gone meanwhile.
  [[nodiscard]] async::Task<core::Result<std::optional<BindingRecord>>> mark_deleting(BindingRecord binding,
                                                                                      std::string operation);
  [[nodiscard]] async::Task<core::Result<>> revoke(InstanceRecord instance, BindingRecord binding);
  // That the binding ends, where a function makes the credentials.
  [[nodiscard]] async::Task<core::Result<>> tell_lambda(const InstanceRecord& instance,
                                                        const BindingRecord& binding);
  // User, keys and policies.
  [[nodiscard]] async::Task<core::Result<>> remove_made(const InstanceRecord& instance,
                                                        const BindingRecord& binding);
  // Of a binding that has no record (a restored or lost table). Error: gone where there is nothing of it.
  [[nodiscard]] async::Task<core::Result<>> revoke_unrecorded(InstanceRecord instance,
                                                              std::string binding_id);

  // --- background.cpp
  // Goes on with the operation that the record tells of, unless this process does already.
  void go_on(InstanceRecord instance, BindingRecord binding);
  [[nodiscard]] async::Task<> work_on(InstanceRecord instance, BindingRecord binding,
                                      std::unique_ptr<InHand> in_hand);
  [[nodiscard]] async::Task<> record_failure(std::string binding_id, std::string operation,
                                             std::string failure);
  [[nodiscard]] bool in_hand(const BindingRecord& binding) const { return in_hand_.contains(binding.id); }
  [[nodiscard]] async::Task<core::Result<InstanceRecord>> owner_of(const BindingRecord& binding);

  [[nodiscard]] Placement place_of(const InstanceRecord& record) const {
    return placement_of(record, options_.overrides);
  }
  [[nodiscard]] Cloud& cloud_of(const InstanceRecord& record) { return clouds_.cloud(place_of(record)); }

  const BrokerOptions& options_;
  Instances& instances_;
  Store& store_;
  CloudProvider& clouds_;
  const core::Sealer& sealer_;
  async::Clock& clock_;
  async::TaskGroup& tasks_;
  BindingUsers users_;
  BindingsInHand in_hand_;  // that are worked on without a request
  // A removal goes by the name of the binding's user: whoever made the binding anew meanwhile would lose it.
  // A second removal does no harm.
  BindingsInHand being_removed_;
  bool some_expire_ = false;  // of those that this process has seen
};

}  // namespace broker
