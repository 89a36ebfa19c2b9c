// Brings one ServiceInstance towards what its spec asks for: provision, update, deprovision, orphan
// mitigation, polling. reconcile() reads the phase off the object (policies/instance_phase.hpp), waits where
// a repeated call is not due, gathers and acts, one file per phase. Every call to the broker is announced in
// status before it is made, so that after a crash the same call is made again under the same id.
#pragma once

#include <map>

#include "catalog/controllers/context.hpp"
#include "catalog/controllers/gather.hpp"
#include "catalog/controllers/pending_requests.hpp"
#include "catalog/controllers/poll_schedule.hpp"
#include "catalog/controllers/writes.hpp"
#include "catalog/policies/instance_phase.hpp"
#include "catalog/policies/instance_status.hpp"
#include "runtime/controller.hpp"

namespace catalog {

class InstanceReconciler final : public runtime::Reconciler {
 public:
  explicit InstanceReconciler(Context& context);

  [[nodiscard]] async::Task<core::Result<runtime::Next>> reconcile(kube::ObjectKey key) override;

  // Something that this instance failed by was repaired (its broker, a Secret), or a user asks for another
  // try: the next call does not wait for its backoff, and what failed for good is taken up.
  void hurry(const kube::ObjectKey& key) { requests_.add(key); }

 private:
  using Outcome = core::Result<runtime::Next>;

  [[nodiscard]] async::Task<Outcome> work(kube::ObjectKey key, Object object, bool again);

  // What provision and update have in common.
  struct Prepared {
    Object instance;
    Object service_class, plan;
    std::shared_ptr<BrokerSession> session;
    json::object defaults;
    MergedParameters parameters;
    json::object namespace_;
    std::string cluster_id;
    // What the broker has under the id already, of which nobody knows yet whether it is this object's.
    std::optional<osb::FetchInstanceResponse> found = {};
  };
  // prepare.cpp
  // nullopt: it cannot go on now, and status says why.
  [[nodiscard]] async::Task<core::Result<std::optional<Prepared>>> prepare(Object instance);
  // Writes the intent of the call.
  [[nodiscard]] async::Task<core::Result<>> announce(Prepared& prepared, instance_status::Operation operation,
                                                     const json::object* maintenance_info);
  [[nodiscard]] async::Task<core::Result<Object>> keep_references(Object instance,
                                                                  const ClassAndPlan& resolved);
  void refetch_catalog(const Prepared& prepared) const;

  // provision.cpp
  [[nodiscard]] async::Task<Outcome> provision(Object instance);
  // The failure of a request that the broker refused because of what it does not show: it is repeated.
  void wait_until_shown(instance_status::Failure& failure, const json::object& instance,
                        const core::Error& error) const;
  // adopt.cpp: what the broker has already
  // Sets prepared.found where the broker has one; an outcome where it cannot go on now.
  [[nodiscard]] async::Task<std::optional<Outcome>> look_for_it(Prepared& prepared);
  // The same after the broker refused a request because it has an instance already (409): from now on it
  // counts as somebody else's, until the broker confirms that it is this object's.
  [[nodiscard]] async::Task<std::optional<Outcome>> look_again(Prepared& prepared);
  // The broker has taken the request for it as the same.
  [[nodiscard]] async::Task<Outcome> link(Prepared prepared, std::string dashboard_url);
  // It is another plan or has other parameters than are wanted, or belongs to somebody else: an update tells.
  [[nodiscard]] async::Task<Outcome> adopt_by_update(Prepared prepared);
  [[nodiscard]] async::Task<Outcome> adoption_failed(Object instance, BrokerCall call, core::Error error);
  // restored.cpp: a status that was written for another object
  [[nodiscard]] async::Task<core::Result<Object>> forget_other_life(Object instance);
  [[nodiscard]] async::Task<core::Result<bool>> is_ours_at_broker(Object instance);
  [[nodiscard]] async::Task<Outcome> remove_unproven(Object instance);
  // settled.cpp: what can still move an instance that is as its spec says: its Secrets, its plan's version
  [[nodiscard]] async::Task<Outcome> look_after(Object instance);
  // Where they have not, status keeps the versions of the Secrets, and `instance` is the object as written.
  [[nodiscard]] async::Task<core::Result<bool>> parameters_changed(Object& instance);
  [[nodiscard]] async::Task<Outcome> pause(Object instance);
  // update.cpp
  [[nodiscard]] async::Task<Outcome> update(Object instance);
  // deprovision.cpp: a deletion, and the mitigation of an orphan
  [[nodiscard]] async::Task<Outcome> deprovision(Object instance);
  // `description`: what the broker last said of it, or "".
  [[nodiscard]] async::Task<Outcome> finish_deprovision(Object instance, std::string description);
  [[nodiscard]] async::Task<Outcome> send_deprovision(Object instance, BrokerTarget target);
  // leave.cpp: the object goes, and what the broker has stays
  [[nodiscard]] async::Task<Outcome> leave(Object instance, InstancePhase how);
  [[nodiscard]] async::Task<Outcome> let_go(Object instance);
  // Another object owns its external id: it has nothing at the broker, and waits.
  [[nodiscard]] async::Task<Outcome> stand_aside(Object instance, Object owner);
  // nullopt: there are none.
  [[nodiscard]] async::Task<std::optional<Outcome>> wait_for_bindings(Object instance);
  struct BlockingBindings {
    Problem problem;
    bool all_go;  // they are being deleted
  };
  // Deletes them where the instance asks for it. nullopt: there are none.
  [[nodiscard]] async::Task<std::optional<BlockingBindings>> blocking_bindings(Object instance);
  // poll.cpp
  [[nodiscard]] async::Task<Outcome> poll(Object instance);
  [[nodiscard]] async::Task<Outcome> succeed(Object instance, std::string description);
  [[nodiscard]] async::Task<Outcome> fail(Object instance, instance_status::Failure failure);
  [[nodiscard]] async::Task<Outcome> tell_progress(Object instance, instance_status::Operation operation,
                                                   const std::string& description);

  [[nodiscard]] async::Task<Outcome> block(Object instance, Problem problem);
  [[nodiscard]] async::Task<core::Result<Object>> write(Object instance, StatusChange change,
                                                        OnConflict on_conflict = OnConflict::reapply);
  // What a 202 says.
  struct Accepted {
    std::string operation_key, dashboard_url;
    std::optional<std::chrono::seconds> retry_after;
    bool is_ours = false;  // of a provision: what the broker makes is new
  };
  // Writes that the broker works on it, and plans the first poll.
  [[nodiscard]] async::Task<Outcome> start_polling(Object instance, instance_status::Operation operation,
                                                   Accepted accepted);
  [[nodiscard]] Outcome after_retry_wait(const core::Result<Object>& written) const;
  // A failed call as status has to tell it; gives up where it has been tried for too long, or the broker says
  // that the same fails again.
  [[nodiscard]] instance_status::Failure failure_of(const InstanceView& instance, BrokerCall call,
                                                    const core::Error& error,
                                                    const osb::Aftermath& aftermath = {}) const;
  [[nodiscard]] runtime::Informer& informer() const { return context_.stores.instances(); }
  [[nodiscard]] core::SystemTime now() const { return context_.clock.system_now(); }

  Context& context_;
  PollSchedule polls_;
  PendingRequests requests_;
  std::map<kube::ObjectKey, async::Clock::TimePoint>
      progress_due_;  // when status tells it again at the earliest
  std::map<kube::ObjectKey, async::Clock::TimePoint>
      patient_until_;  // until when status does not tell of bindings that go
};

}  // namespace catalog
