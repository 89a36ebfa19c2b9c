// Brings one ServiceBinding towards what its spec asks for: bind, write the Secret and keep it, rotate and
// revoke credentials, unbind, orphan mitigation, polling. Built as the instance's reconciler is
// (instance/reconciler.hpp). Deleting removes the Secret first, then the credentials.
#pragma once

#include <map>

#include "catalog/controllers/context.hpp"
#include "catalog/controllers/gather.hpp"
#include "catalog/controllers/pending_requests.hpp"
#include "catalog/controllers/poll_schedule.hpp"
#include "catalog/controllers/writes.hpp"
#include "catalog/policies/binding_phase.hpp"
#include "catalog/policies/binding_status.hpp"
#include "runtime/controller.hpp"

namespace catalog {

class BindingReconciler final : public runtime::Reconciler {
 public:
  explicit BindingReconciler(Context& context);

  [[nodiscard]] async::Task<core::Result<runtime::Next>> reconcile(kube::ObjectKey key) override;
  // See InstanceReconciler::hurry.
  void hurry(const kube::ObjectKey& key) { requests_.add(key); }

 private:
  using Outcome = core::Result<runtime::Next>;

  [[nodiscard]] async::Task<Outcome> work(kube::ObjectKey key, Object object, bool again);

  // What a broker gave for a binding; credentials are secret.
  struct Obtained {
    json::object credentials;
    json::value metadata;  // {expires_at, renew_before} or null
  };
  [[nodiscard]] static Obtained obtained_from(json::value credentials, json::value metadata);
  // A bind request that lacks only the binding's id.
  struct BindCall {
    std::shared_ptr<BrokerSession> session;
    osb::BindRequest request;
    json::object properties;      // for status
    std::string secret_versions;  // of parametersFrom, for status
    bool rotatable = false;       // the plan knows predecessors
    bool is_repeated = false;     // one was announced before
  };

  // bind.cpp
  [[nodiscard]] async::Task<Outcome> bind(Object binding);
  [[nodiscard]] async::Task<core::Result<std::expected<BindCall, Problem>>> prepare_bind(Object binding,
                                                                                         Object instance);
  [[nodiscard]] async::Task<Outcome> send_bind(Object binding, BindCall call);
  [[nodiscard]] async::Task<Outcome> inject(Object binding, Obtained obtained);
  // secret.cpp: from credentials to the Secret
  // Returns its version for status.secretVersion.
  [[nodiscard]] async::Task<core::Result<std::string>> write_credentials(Object binding,
                                                                         json::object credentials);
  [[nodiscard]] async::Task<core::Result<json::object>> write_secret(Object binding, json::object secret);
  [[nodiscard]] async::Task<core::Result<>> eject(Object binding);
  [[nodiscard]] async::Task<core::Result<>> remove_secret(kube::ObjectKey key, kube::DeleteOptions options);
  [[nodiscard]] std::string secret_version(const BindingView& binding) const;  // as the store has it
  // keep.cpp
  [[nodiscard]] async::Task<Outcome> keep(Object binding, bool hurry);
  [[nodiscard]] async::Task<Outcome> restore(Object binding);
  [[nodiscard]] async::Task<core::Result<Obtained>> ask_again(Object binding, Object instance);
  [[nodiscard]] async::Task<Outcome> not_restored(Object binding, std::string why);
  // rotate.cpp
  [[nodiscard]] async::Task<Outcome> rotate(Object binding);
  [[nodiscard]] async::Task<Outcome> send_rotation(Object binding, Object instance);
  [[nodiscard]] async::Task<Outcome> poll_rotation(Object binding, Object instance);
  [[nodiscard]] async::Task<Outcome> switch_credentials(Object binding, Obtained obtained);
  [[nodiscard]] async::Task<Outcome> fail_rotation(Object binding, std::string why, Verdict verdict,
                                                   std::optional<std::chrono::seconds> retry_after);
  // revoke.cpp: credentials that were rotated away
  [[nodiscard]] async::Task<Outcome> revoke(Object binding);
  [[nodiscard]] async::Task<Outcome> poll_revocation(Object binding, Object instance, BrokerTarget target);
  [[nodiscard]] async::Task<Outcome> finish_revocation(Object binding, std::string id);
  [[nodiscard]] async::Task<Outcome> fail_revocation(Object binding, core::Error error);
  // unbind.cpp
  [[nodiscard]] async::Task<Outcome> unbind(Object binding);
  [[nodiscard]] async::Task<Outcome> finish_unbind(Object binding, std::string description);
  // leave.cpp
  [[nodiscard]] async::Task<Outcome> leave(Object binding, BindingPhase how);
  [[nodiscard]] async::Task<Outcome> let_go(Object binding);
  // Another object owns its external id: it has nothing at the broker, no Secret, and waits.
  [[nodiscard]] async::Task<Outcome> stand_aside(Object binding, Object owner);
  // nullopt: its instance may speak to the broker, or the binding only ends what it has.
  [[nodiscard]] std::optional<Problem> refuse_instance_of_another(const BindingView& binding,
                                                                  BindingPhase phase) const;
  // Of a binding whose status was written for another object: nullopt where its instance is known to be this
  // namespace's, so that the broker may be asked about it.
  [[nodiscard]] async::Task<std::optional<Outcome>> wait_for_proof(Object binding);
  [[nodiscard]] async::Task<Outcome> pause(Object binding);
  // poll.cpp
  [[nodiscard]] async::Task<Outcome> poll(Object binding);
  [[nodiscard]] async::Task<Outcome> fetch_and_inject(Object binding, BrokerTarget target);

  // calls.cpp: what is asked of the broker about one id of the binding
  [[nodiscard]] async::Task<core::Result<Obtained>> fetch(Object binding, Object instance,
                                                          BrokerTarget target, std::string binding_id);
  [[nodiscard]] async::Task<core::Result<osb::LastOperationResponse>> ask_last_operation(
      Object binding, Object instance, BrokerTarget target, std::string binding_id, std::string operation);
  [[nodiscard]] async::Task<core::Result<osb::UnbindResponse>> send_unbind(Object binding, Object instance,
                                                                           BrokerTarget target,
                                                                           std::string binding_id);

  [[nodiscard]] Object instance_of(const BindingView& binding) const;
  // Before something is given up with its instance: asks the API server for one that the store does not have,
  // for it leaves out what it cannot read. nullptr: there is none. Any error: nobody knows.
  [[nodiscard]] async::Task<core::Result<Object>> instance_or_gone(Object binding);
  [[nodiscard]] async::Task<Outcome> block(Object binding, Problem problem);
  [[nodiscard]] async::Task<core::Result<Object>> write(Object binding, StatusChange change,
                                                        OnConflict on_conflict = OnConflict::reapply);
  [[nodiscard]] async::Task<Outcome> start_polling(Object binding, binding_status::Operation operation,
                                                   std::string operation_key,
                                                   std::optional<std::chrono::seconds> retry_after);
  [[nodiscard]] async::Task<Outcome> fail(Object binding, binding_status::Failure failure);
  [[nodiscard]] Outcome after_retry_wait(const core::Result<Object>& written) const;
  [[nodiscard]] binding_status::Failure failure_of(const BindingView& binding, BrokerCall call,
                                                   const core::Error& error) const;
  [[nodiscard]] runtime::Informer& informer() const { return context_.stores.bindings(); }
  [[nodiscard]] core::SystemTime now() const { return context_.clock.system_now(); }

  Context& context_;
  PollSchedule polls_;
  PendingRequests requests_;
  std::map<kube::ObjectKey, async::Clock::TimePoint> restored_;  // when a Secret was last written again
};

// Why the instance cannot be bound now; nullopt where it can.
[[nodiscard]] std::optional<Problem> refuse_instance(const Object& instance, const BindingView& binding);

// What is told where the Secret cannot be deleted.
[[nodiscard]] Problem not_ejected(const core::Error& error);

}  // namespace catalog
