// An instance's status after each thing that can happen to it. Pure functions on the status object; the words
// are those of service-catalog v0.3.1 where users look for them.
#pragma once

#include <string>
#include <string_view>

#include "catalog/api/views.hpp"
#include "catalog/policies/failures.hpp"
#include "catalog/policies/parameters.hpp"
#include "catalog/policies/problem.hpp"
#include "osb/aftermath.hpp"

namespace catalog::instance_status {

enum class Operation { provision, update, deprovision };

// Every field that a status has from its first write on, and what the columns show.
void complete(json::object& status, const InstanceView& instance, std::string_view plan_name);
// Works on this spec of this object from now on; what an older one failed with is forgotten.
void observe(json::object& status, const InstanceView& instance);

// Which parts of the instance an update may have changed though nobody knows whether it did: its answer was
// lost, the process ended, or the broker failed in the middle. They are sent again, also where the spec has
// gone back to what was carried out before.
struct Unconfirmed {
  bool plan = false;
  bool parameters = false;
};
[[nodiscard]] Unconfirmed unconfirmed(const json::object& status);
// Before another update is announced over one that has not ended: status.unconfirmedUpdate keeps what that
// may have changed.
void repeat_unconfirmed(json::object& status);

// A provision was announced, and nobody knows whether the broker has carried it out: status keeps its plan,
// by which what may be there is deleted, also when the next request asks for another one. The first one that
// was sent comes first; a delete that the broker refuses has the next one tried.
void keep_unconfirmed_plan(json::object& status);

// A restored status that says that everything was carried out. Where plan and parameters are the same still,
// no call is needed: taken_over() makes it this object's.
[[nodiscard]] bool is_settled_elsewhere(const InstanceView& instance);
void taken_over(json::object& status, const InstanceView& instance);

// status.inProgressProperties of a provision or an update.
[[nodiscard]] json::object properties(const InstanceView& instance, const PlanView& plan,
                                      const MergedParameters& parameters);
// status.maintenanceInfo.asked: the version of the plan's software that the instance has when the operation
// is carried out, and that is `used` then; nullptr for none.
void ask_for_version(json::object& status, const json::object* maintenance_info);

// Cannot go on, and will look again when something changes.
void blocked(json::object& status, const Problem& problem, core::SystemTime now);

// The intent of a call. An instance that is deleted takes the properties from what the broker knows.
void started(json::object& status, Operation operation, json::object properties, core::SystemTime now);
void asynchronous(json::object& status, Operation operation, std::string_view operation_key,
                  core::SystemTime now);
void dashboard(json::object& status, std::string_view url);  // "" keeps the old one
// The announced call asks for an instance that the broker has already, and that may belong to somebody else:
// until the broker has taken a request with our context it is none of ours to delete, and never an orphan.
void adopting(json::object& status, std::string_view deprovision_status_before);
[[nodiscard]] bool is_adopting(const json::object& status);
void is_ours(json::object& status);  // the broker has made it for this object
// The broker has confirmed it. What it has differs from what is wanted where `up_to_date` is false: an update
// follows.
void adopted(json::object& status, json::object properties, const json::object* maintenance_info,
             const InstanceView& instance, bool up_to_date, core::SystemTime now);
// status.upgrade: the plan offers another version than the one in use, or does not any more.
void offer_upgrade(json::object& status, const PlanView& plan);

void provisioned(json::object& status, core::SystemTime now);
void updated(json::object& status, core::SystemTime now);
// Of an orphan mitigation, or where others keep a deleted object. `description`: what the broker last said of
// it, or "".
void deprovisioned(json::object& status, std::string_view description, core::SystemTime now);

// The object lets go of what the broker has: that stays there, and the object may go.
void let_go(json::object& status);

struct Failure {
  std::string_view reason;         // of Ready
  std::string_view failed_reason;  // of Failed where it is final; "" for the same
  std::string message;
  Verdict verdict;
  std::optional<std::chrono::seconds> retry_after;
  bool retained = false;          // what the broker may have made stays there: no orphan mitigation
  bool refused = false;           // of an update or a deprovision: the broker answered that it did not begin
  bool unclear = false;           // of a provision: the broker may have carried it out
  bool repeated = false;          // of a bind: one was sent before
  bool taken = false;             // of what creates: the broker has something else with that id (409)
  osb::Aftermath aftermath = {};  // of an update or a deprovision
};
void provision_failed(json::object& status, const Failure& failure, core::SystemTime now);
void update_failed(json::object& status, const Failure& failure, core::SystemTime now);
// The broker said of an update that asked for the same, since the spec was changed, that it would fail again.
[[nodiscard]] bool is_unrepeatable(const InstanceView& instance, const json::object& properties);
// A deletion or an orphan mitigation; gives up only where failure.verdict.retry is false.
void deprovision_failed(json::object& status, const Failure& failure, core::SystemTime now);
// last_operation could not be read: polling goes on.
void polling_failed(json::object& status, std::string message, core::SystemTime now);

}  // namespace catalog::instance_status
