#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/api/conditions.hpp"
#include "catalog/policies/binding_phase.hpp"
#include "catalog/policies/binding_status.hpp"
#include "catalog/policies/instance_status.hpp"
#include "catalog/policies/operation_status.hpp"
#include "objects.hpp"

namespace catalog {
namespace {

using instance_status::Operation;
using testing::HasSubstr;

instance_status::Failure failure(Verdict verdict) {
  return {.reason = "ProvisionCallFailed",
          .failed_reason = {},
          .message = "Status: 400; no",
          .verdict = verdict,
          .retry_after = {}};
}

// The status of an instance whose provision was announced.
json::object provisioning() {
  json::object object = instance();
  json::object production = plan("production", "plan-id");
  json::object status;
  instance_status::complete(status, InstanceView(object), "production");
  instance_status::observe(status, InstanceView(instance()));
  instance_status::started(status, Operation::provision,
                           instance_status::properties(InstanceView(object), PlanView(production), {}),
                           ten_o_clock);
  return status;
}

TEST(InstanceStatus, while_provisioning_is_that_of_the_walkthrough) {
  json::object status = provisioning();
  instance_status::asynchronous(status, Operation::provision, "stack-1", ten_o_clock);
  EXPECT_EQ(status, parse(R"({
    "asyncOpInProgress": true, "lastOperation": "stack-1",
    "conditions": [{"type":"Ready","status":"False","reason":"Provisioning",
                    "message":"The instance is being provisioned asynchronously","lastTransitionTime":"2026-01-31T10:00:00Z"}],
    "currentOperation": "Provision", "deprovisionStatus": "Required",
    "inProgressProperties": {"clusterServicePlanExternalID":"plan-id","clusterServicePlanExternalName":"production",
                             "userInfo":{"username":"kubernetes-admin","uid":"","groups":["system:masters"]}},
    "handled": {"uid":"instance-uid","externalID":"instance-id","updateRequests":0},
    "observedGeneration": 1, "reconciledGeneration": 0, "operationStartTime": "2026-01-31T10:00:00Z",
    "orphanMitigationInProgress": false, "provisionStatus": "",
    "lastConditionState": "Provisioning", "userSpecifiedClassName": "ClusterServiceClass/s3", "userSpecifiedPlanName": "production"})"));
}

TEST(InstanceStatus, after_provisioning_is_that_of_the_walkthrough) {
  json::object status = provisioning();
  instance_status::asynchronous(status, Operation::provision, "stack-1", ten_o_clock);
  instance_status::provisioned(status, at("2026-01-31T10:01:00Z"));
  EXPECT_EQ(status, parse(R"({
    "asyncOpInProgress": false,
    "conditions": [{"type":"Ready","status":"True","reason":"ProvisionedSuccessfully",
                    "message":"The instance was provisioned successfully","lastTransitionTime":"2026-01-31T10:01:00Z"}],
    "deprovisionStatus": "Required",
    "externalProperties": {"clusterServicePlanExternalID":"plan-id","clusterServicePlanExternalName":"production",
                           "userInfo":{"username":"kubernetes-admin","uid":"","groups":["system:masters"]}},
    "handled": {"uid":"instance-uid","externalID":"instance-id","updateRequests":0},
    "observedGeneration": 1, "reconciledGeneration": 1,
    "orphanMitigationInProgress": false, "provisionStatus": "Provisioned",
    "lastConditionState": "Ready", "userSpecifiedClassName": "ClusterServiceClass/s3", "userSpecifiedPlanName": "production"})"));
}

TEST(InstanceStatus, after_a_refusal_can_be_deleted_and_forgets_the_failure_with_an_edit) {
  json::object status = provisioning();
  instance_status::provision_failed(status, failure({.retry = false, .mitigate_orphan = false}), ten_o_clock);
  EXPECT_TRUE(condition_is_true(status, condition_type::failed));
  EXPECT_EQ(core::find_string(status, {"deprovisionStatus"}), "NotRequired");
  EXPECT_FALSE(status.contains("currentOperation"));
  EXPECT_EQ(core::find_string(status, {"lastConditionState"}), "Failed");
  json::object edited = instance(R"({"metadata":{"generation":2}})");
  instance_status::observe(status, InstanceView(edited));
  EXPECT_FALSE(find_condition(status, condition_type::failed));
  EXPECT_EQ(core::find_int(status, {"observedGeneration"}), 2);
}

TEST(InstanceStatus, keeps_counting_failures_through_orphan_mitigation) {
  json::object status = provisioning();
  instance_status::provision_failed(status, failure({.retry = true, .mitigate_orphan = true}), ten_o_clock);
  EXPECT_TRUE(condition_is_true(status, condition_type::orphan_mitigation));
  EXPECT_EQ(condition_reason(status, condition_type::ready), "StartingInstanceOrphanMitigation");
  EXPECT_EQ(core::find_string(status, {"deprovisionStatus"}), "Required");
  instance_status::deprovisioned(status, {}, ten_o_clock);
  EXPECT_EQ(condition_reason(status, condition_type::ready), "OrphanMitigationSuccessful");
  EXPECT_THAT(condition_message(status, condition_type::ready), HasSubstr(failure({}).message));
  EXPECT_EQ(core::find_string(status, {"retry", "lastError"}), failure({}).message);
  EXPECT_EQ(core::find_int(status, {"retry", "attempts"}), 1);
  instance_status::started(status, Operation::provision, {}, at("2026-01-31T10:00:01Z"));
  instance_status::provision_failed(status, failure({.retry = true, .mitigate_orphan = true}),
                                    at("2026-01-31T10:00:01Z"));
  EXPECT_EQ(core::find_int(status, {"retry", "attempts"}), 2);
  EXPECT_EQ(core::find_string(status, {"retry", "since"}), "2026-01-31T10:00:00Z");
  EXPECT_EQ(core::find_string(status, {"retry", "nextTime"}), "2026-01-31T10:00:03.000000Z");
  EXPECT_TRUE(tried_too_long(status, std::chrono::hours(168), at("2026-02-07T10:00:00Z")));
}

TEST(InstanceStatus, of_a_deprovision_that_gave_up_says_so_and_keeps_what_is_needed_to_try_again) {
  json::object status = provisioning();
  instance_status::provisioned(status, ten_o_clock);
  instance_status::started(status, Operation::deprovision, *core::find_object(status, {"externalProperties"}),
                           ten_o_clock);
  instance_status::Failure why = failure({.retry = false, .mitigate_orphan = false});
  why.reason = "DeprovisionCallFailed";
  why.failed_reason = "ErrorReconciliationRetryTimeout";
  instance_status::deprovision_failed(status, why, ten_o_clock);
  EXPECT_EQ(core::find_string(status, {"deprovisionStatus"}), "Failed");
  EXPECT_EQ(condition_reason(status, condition_type::failed), "ErrorReconciliationRetryTimeout");
  EXPECT_EQ(core::find_string(status, {"externalProperties", "clusterServicePlanExternalID"}), "plan-id");
  EXPECT_FALSE(status.contains("currentOperation"));
}

TEST(BindingStatus, goes_from_in_flight_to_injected) {
  json::object object = binding();
  json::object status;
  binding_status::complete(status);
  binding_status::started(status, binding_status::Operation::bind,
                          binding_status::properties(BindingView(object), {}), ten_o_clock);
  EXPECT_EQ(condition_reason(status, condition_type::ready), "BindingRequestInFlight");
  EXPECT_EQ(core::find_string(status, {"unbindStatus"}), "Required");
  binding_status::bound(status, BindingView(object), "12", ten_o_clock);
  EXPECT_EQ(condition_reason(status, condition_type::ready), "InjectedBindResult");
  EXPECT_EQ(core::find_string(status, {"externalProperties", "userInfo", "username"}), "kubernetes-admin");
  EXPECT_EQ(core::find_string(status, {"binding", "name"}), "s3-binding");
  EXPECT_EQ(core::find_int(status, {"reconciledGeneration"}), 1);
  EXPECT_EQ(core::find_string(status, {"lastConditionState"}), "Ready");
}

TEST(BindingStatus, of_an_unbound_binding_says_that_nothing_is_left) {
  // The instance is gone, and with it the old credentials that were still to be revoked.
  json::object object = binding(R"({"status":{"unbindStatus":"Required","currentOperation":"Unbind",
    "rotation":{"bindingID":"b","previous":[{"bindingID":"a"}]}}})");
  EXPECT_TRUE(has_something_at_broker(BindingView(object)));
  binding_status::unbound(object["status"].as_object(), {}, ten_o_clock);
  EXPECT_FALSE(has_something_at_broker(BindingView(object)));
  object = binding(R"({"status":{"unbindStatus":"Failed","rotation":{"next":{"bindingID":"c"}}}})");
  binding_status::let_go(object["status"].as_object());
  EXPECT_FALSE(has_something_at_broker(BindingView(object)));
}

TEST(ConditionEvents, tell_changes_and_leave_out_announcements) {
  json::object before;
  json::object after = provisioning();
  EXPECT_TRUE(events_between(before, after).empty());
  before = after;
  instance_status::provision_failed(after, failure({.retry = false, .mitigate_orphan = false}), ten_o_clock);
  std::vector<ConditionEvent> events = events_between(before, after);
  ASSERT_EQ(events.size(), 1U);  // Ready and Failed say the same
  EXPECT_TRUE(events[0].warning);
  EXPECT_EQ(events[0].reason, "ProvisionCallFailed");
  EXPECT_TRUE(events_between(after, after).empty());
  before = after;
  instance_status::provisioned(after, ten_o_clock);
  events = events_between(before, after);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_FALSE(events[0].warning);
}

TEST(Conditions, move_their_time_only_with_their_status) {
  json::object status;
  set_condition(status, {"Ready", ConditionStatus::is_false, "A", "a"}, ten_o_clock);
  set_condition(status, {"Ready", ConditionStatus::is_false, "B", "b"}, at("2026-01-31T11:00:00Z"));
  EXPECT_EQ(core::find_string(*find_condition(status, "Ready"), {"lastTransitionTime"}),
            "2026-01-31T10:00:00Z");
  set_condition(status, {"Ready", ConditionStatus::is_true, "C", "c"}, at("2026-01-31T12:00:00Z"));
  EXPECT_EQ(core::find_string(*find_condition(status, "Ready"), {"lastTransitionTime"}),
            "2026-01-31T12:00:00Z");
  EXPECT_EQ(last_condition_state(status), "Ready");
}

}  // namespace
}  // namespace catalog
