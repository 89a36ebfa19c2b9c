// The broker: osb::Broker over templates, a store and a cloud. Each operation stands in a file of its own
// under operations/.
//
// Invariants (users.md, pains 1-3), which the crash tests hold it to:
//  - a record is written before anything is made in AWS, and removed after everything of it is gone;
//  - every act has a name derived from the ids (stack, client request token, IAM user), so doing it again is
//  harmless;
//  - so from any crash a repeated request, or resume() at the next start, leads to exactly one stack, or to
//  none.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "async/clock.hpp"
#include "broker/access_keys.hpp"
#include "broker/bindings/binding_operations.hpp"
#include "broker/broker_options.hpp"
#include "broker/catalog.hpp"
#include "broker/cloud/cloud.hpp"
#include "broker/cloud/template_bucket.hpp"
#include "broker/operations/recent.hpp"
#include "broker/operations/wanted_update.hpp"
#include "broker/parameters.hpp"
#include "broker/pinned_templates.hpp"
#include "broker/sealed_values.hpp"
#include "broker/stack_poller/stack_poller.hpp"
#include "broker/store/store.hpp"
#include "core/seal.hpp"
#include "osb/broker.hpp"

namespace broker {

class ServiceBroker final : public osb::Broker, private Instances {
 public:
  // All but the options outlive the broker, and the group's tasks have ended before it goes.
  ServiceBroker(BrokerOptions options, std::shared_ptr<const Catalog> catalog, Store& store,
                CloudProvider& clouds, const core::Sealer& sealer, async::Clock& clock,
                async::TaskGroup& tasks);

  void use_catalog(std::shared_ptr<const Catalog> catalog) { catalog_ = std::move(catalog); }
  // For instances that are made from now on.
  void use_role_bindings(RoleBindings bindings) { options_.role_bindings = std::move(bindings); }
  // Polls are answered from its memory; without one each asks CloudFormation. It outlives the broker.
  void use_poller(StackPoller& poller) { poller_ = &poller; }
  // Templates that are too long for a request go by it; without one they are refused. It outlives the broker.
  void use_template_bucket(TemplateBucket& bucket) { template_bucket_ = &bucket; }

  [[nodiscard]] core::Result<std::shared_ptr<const osb::CatalogDocument>> catalog() override;
  [[nodiscard]] async::Task<core::Result<osb::ProvisionResponse>> provision(const osb::ProvisionRequest&,
                                                                            const osb::CallContext&) override;
  [[nodiscard]] async::Task<core::Result<osb::UpdateResponse>> update(const osb::UpdateRequest&,
                                                                      const osb::CallContext&) override;
  [[nodiscard]] async::Task<core::Result<osb::DeprovisionResponse>> deprovision(
      const osb::DeprovisionRequest&, const osb::CallContext&) override;
  [[nodiscard]] async::Task<core::Result<osb::LastOperationResponse>> last_operation(
      const osb::LastOperationRequest&, const osb::CallContext&) override;
  [[nodiscard]] async::Task<core::Result<osb::FetchInstanceResponse>> fetch_instance(
      const osb::FetchInstanceRequest&, const osb::CallContext&) override;
  [[nodiscard]] async::Task<core::Result<osb::BindResponse>> bind(const osb::BindRequest&,
                                                                  const osb::CallContext&) override;
  [[nodiscard]] async::Task<core::Result<osb::UnbindResponse>> unbind(const osb::UnbindRequest&,
                                                                      const osb::CallContext&) override;
  [[nodiscard]] async::Task<core::Result<osb::FetchBindingResponse>> fetch_binding(
      const osb::FetchBindingRequest&, const osb::CallContext&) override;

  // Takes up what a crash left unfinished: stacks that were intended and not made, deletions that were not
  // sent, bindings that were promised. Called at start.
  [[nodiscard]] async::Task<core::Result<>> resume();
  // Until it is cancelled.
  [[nodiscard]] async::Task<> revoke_expired_bindings() { return bindings_.revoke_expired_for_ever(); }

 private:
  // --- operations/provision.cpp
  [[nodiscard]] core::Result<InstanceRecord> new_instance(const Selection& selection,
                                                          const osb::ProvisionRequest& request) const;
  [[nodiscard]] core::Result<osb::ProvisionResponse> repeated_provision(const InstanceRecord& record,
                                                                        const InstanceRecord& wanted) const;
  [[nodiscard]] async::Task<core::Result<Selection>> selection_for(
      const osb::ProvisionRequest& asked, const std::optional<InstanceRecord>& known);
  // The answer to who asks for an instance that is being deleted, after its deletion has gone on.
  [[nodiscard]] async::Task<core::Result<osb::ProvisionResponse>> advance_deletion(InstanceRecord record);
  // Makes the stack that the record intends, or takes the one that an earlier try made.
  [[nodiscard]] async::Task<core::Result<InstanceRecord>> ensure_stack(InstanceRecord record);
  // Where the record was changed by another request or replica while its stack was made. `is_made`: the stack
  // was made for this intent, and was not there before.
  [[nodiscard]] async::Task<core::Result<InstanceRecord>> settle_crossing(InstanceRecord record,
                                                                          bool is_made);
  // The stack of the record's name. Errors: not_found, conflict (its tags say that it is another's).
  [[nodiscard]] async::Task<core::Result<aws::Stack>> find_own_stack(const InstanceRecord& record);
  // But for the template's body.
  [[nodiscard]] core::Result<aws::StackInput> stack_input(const InstanceRecord& record,
                                                          const Template& service) const;

  // Of a record that the Go broker wrote there is no fingerprint.
  [[nodiscard]] bool asks_for_the_same(const InstanceRecord& wanted, const InstanceRecord& record) const;

  // --- operations/found_stack.cpp
  [[nodiscard]] async::Task<core::Result<std::optional<aws::Stack>>> find_stack(const InstanceRecord& record);
  // The answer where the stack of an instance without a record is there. nullopt: there is none.
  [[nodiscard]] async::Task<core::Result<std::optional<osb::ProvisionResponse>>> provision_found(
      const osb::ProvisionRequest& request, const Selection& selection, InstanceRecord wanted);
  // Records the instance as its stack says that it is. Errors: conflict (it is not what is asked for).
  [[nodiscard]] async::Task<core::Result<InstanceRecord>> adopt_stack(InstanceRecord record,
                                                                      const aws::Stack& stack,
                                                                      const osb::ProvisionRequest& request);

  // --- operations/adoption.cpp
  enum class Claim { owner, adoption };
  // Error: conflict (the instance is another's).
  [[nodiscard]] async::Task<core::Result<Claim>> claim_of(const InstanceRecord& record,
                                                          const InstanceOrigin& asked,
                                                          const boost::json::value& context);
  // Of records that do not tell it, by the stack's tags.
  [[nodiscard]] async::Task<core::Result<KnownOrigin>> origin_of_instance(const InstanceRecord& record);
  // Notes what nobody knew before.
  [[nodiscard]] async::Task<core::Result<InstanceRecord>> complete_origin(InstanceRecord record,
                                                                          InstanceOrigin asked);
  // Gives the instance the owner of `wanted`; the stack's tags follow.
  [[nodiscard]] async::Task<core::Result<osb::ProvisionResponse>> adopt(InstanceRecord record,
                                                                        InstanceRecord wanted);

  // --- operations/sent_template.cpp
  // What an instance needs of its template before it is recorded: it is kept, and can be sent.
  [[nodiscard]] async::Task<core::Result<>> keep_template(std::shared_ptr<const Template> service);
  // The template's body, or where it is too long for a request, its address in the bucket.
  [[nodiscard]] async::Task<core::Result<>> add_template(aws::StackInput& input,
                                                         std::shared_ptr<const Template> service);
  [[nodiscard]] async::Task<core::Result<std::string>> put_into_bucket(
      std::shared_ptr<const Template> service);

  // --- operations/update.cpp
  [[nodiscard]] async::Task<core::Result<std::optional<PendingUpdate>>> wanted_update(
      const InstanceRecord& record, const osb::UpdateRequest& request, bool may_lose_data);
  [[nodiscard]] async::Task<core::Result<UpdateTarget>> update_target(const InstanceRecord& record,
                                                                      const osb::UpdateRequest& request);
  [[nodiscard]] async::Task<core::Result<std::shared_ptr<const Template>>> template_in_use(
      const InstanceRecord& record);
  // `first`: the intent was recorded just now, and UpdateStack was not called for it yet.
  enum class UpdateTry { first, again };
  // Takes the next step of the record's update; after the last one the record is ready again, and its newest
  // past update tells the outcome.
  [[nodiscard]] async::Task<core::Result<InstanceRecord>> advance_update(InstanceRecord record,
                                                                         UpdateTry which);
  [[nodiscard]] async::Task<core::Result<InstanceRecord>> continue_rollback(InstanceRecord record);
  [[nodiscard]] async::Task<core::Result<InstanceRecord>> send_update(InstanceRecord record, UpdateTry which);
  [[nodiscard]] async::Task<core::Result<aws::StackInput>> update_input(const InstanceRecord& record);
  // Another replica's or poll's write that was first is taken instead.
  [[nodiscard]] async::Task<core::Result<InstanceRecord>> put_or_reread(InstanceRecord record);
  [[nodiscard]] async::Task<> note_update_progress(const InstanceRecord& record, const aws::Stack& stack);

  // --- operations/deprovision.cpp
  [[nodiscard]] async::Task<core::Result<std::optional<InstanceRecord>>> adopt_for_deletion(
      const osb::DeprovisionRequest& request);
  // False: there is nothing of it to delete.
  [[nodiscard]] async::Task<core::Result<bool>> start_deletion(InstanceRecord record);
  // The same without its bindings. What is there is compared by its tags first. Error: conflict (the stack
  // whose id is recorded is another's).
  [[nodiscard]] async::Task<core::Result<bool>> delete_own_stack(InstanceRecord record);
  [[nodiscard]] async::Task<core::Result<>> forget_instance(InstanceRecord record);

  // --- operations/last_operation.cpp
  // The record after what is under way has gone on, which its own platform need not ask for any more.
  // nullopt: its deletion has ended.
  [[nodiscard]] async::Task<core::Result<std::optional<InstanceRecord>>> advance_operation(
      InstanceRecord record);
  [[nodiscard]] async::Task<core::Result<osb::LastOperationResponse>> instance_operation(
      InstanceRecord record, std::string operation);
  [[nodiscard]] async::Task<core::Result<osb::LastOperationResponse>> creation_state(InstanceRecord record);
  [[nodiscard]] async::Task<core::Result<osb::LastOperationResponse>> update_state(InstanceRecord record);
  [[nodiscard]] async::Task<core::Result<osb::LastOperationResponse>> deletion_state(InstanceRecord record);
  [[nodiscard]] PolledStack polled(const InstanceRecord& record) const;
  // nullopt: there is no such stack. Error: conflict (its tags say that it is another's).
  [[nodiscard]] async::Task<core::Result<std::optional<aws::Stack>>> stack_now(const InstanceRecord& record);
  // The same by the poller, where there is one: what was learnt lately of an operation that is under way.
  [[nodiscard]] async::Task<core::Result<std::optional<aws::Stack>>> stack_of(const InstanceRecord& record);
  [[nodiscard]] async::Task<std::vector<aws::StackResource>> resources_of(const InstanceRecord& record);
  [[nodiscard]] async::Task<std::string> progress(const InstanceRecord& record);
  // What a deletion that has ended left in the account. nullopt: CloudFormation knows nothing of the stack.
  [[nodiscard]] async::Task<std::string> deletion_outcome(const InstanceRecord& record,
                                                          const std::optional<aws::Stack>& stack);
  [[nodiscard]] async::Task<std::set<std::string>> snapshots_of_stack(const InstanceRecord& record,
                                                                      const aws::Stack& stack);
  [[nodiscard]] async::Task<std::string> failure_reason(const InstanceRecord& record,
                                                        const aws::Stack& stack);
  // CloudFormation's words about the record's stack, for platforms and logs.
  [[nodiscard]] std::string without_secrets(const InstanceRecord& record, std::string text) const;

  // --- service_broker.cpp
  // Notes by which keys an instance is worked with since its own were rotated. The record stays as it is
  // where those do not open its account (`opens` tells what was found out of places), or another replica has
  // changed it.
  [[nodiscard]] async::Task<core::Result<InstanceRecord>> take_rotated_keys(InstanceRecord record,
                                                                            std::map<Placement, bool>& opens);

  // As Instances says.
  [[nodiscard]] async::Task<core::Result<std::optional<InstanceRecord>>> find_instance(
      std::string id) override;
  [[nodiscard]] async::Task<core::Result<std::shared_ptr<const Template>>> template_of(
      const InstanceRecord& record) override;
  [[nodiscard]] async::Task<core::Result<>> check_origin_of(const InstanceRecord& record,
                                                            const InstanceOrigin& asked) override;

  [[nodiscard]] Placement place_of(const InstanceRecord& record) const {
    return placement_of(record, options_.overrides);
  }
  [[nodiscard]] Cloud& cloud_of(const InstanceRecord& record) { return clouds_.cloud(place_of(record)); }

  BrokerOptions options_;
  std::shared_ptr<const Catalog> catalog_;
  Store& store_;
  CloudProvider& clouds_;
  async::Clock& clock_;
  PinnedTemplates pinned_;
  SealedValues sealed_values_;
  BindingOperations bindings_;
  StackPoller* poller_ = nullptr;
  TemplateBucket* template_bucket_ = nullptr;
  Recent<std::string> recent_progress_;
  struct RecentAnswer {
    PolledStack question;
    osb::LastOperationResponse answer;
  };
  Recent<RecentAnswer> recent_answers_;  // to polls, by instance and operation
};

}  // namespace broker
