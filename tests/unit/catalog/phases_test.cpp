#include <gtest/gtest.h>

#include "catalog/policies/binding_phase.hpp"
#include "catalog/policies/instance_phase.hpp"
#include "objects.hpp"

namespace catalog {
namespace {

TEST(InstancePhase, is_read_off_the_object) {
  struct Case {
    const char* sentence;
    const char* patch;
    InstancePhase expected;
  };
  using enum InstancePhase;
  constexpr const char* deleted = R"("metadata":{"deletionTimestamp":"2026-01-31T10:00:00Z","generation":2})";
  auto gone = [&](const std::string& status) {
    return std::string("{") + deleted + R"(,"status":)" + status + "}";
  };
  std::vector<std::pair<Case, std::string>> cases;
  auto add = [&](const char* sentence, std::string patch, InstancePhase expected) {
    cases.push_back({Case{sentence, "", expected}, std::move(patch)});
  };
  add("a new instance is provisioned", "{}", provision);
  add("one whose intent was written is provisioned again after a crash",
      R"({"status":{"currentOperation":"Provision","deprovisionStatus":"Required","observedGeneration":1}})",
      provision);
  add("one at which the broker works is polled",
      R"({"status":{"asyncOpInProgress":true,"currentOperation":"Provision"}})", poll);
  add("a ready one is settled",
      R"({"status":{"provisionStatus":"Provisioned","observedGeneration":1,"conditions":[{"type":"Ready","status":"True"}]}})",
      settled);
  add("a ready one that was edited is updated",
      R"({"metadata":{"generation":2},"status":{"provisionStatus":"Provisioned","observedGeneration":1,"conditions":[{"type":"Ready","status":"True"}]}})",
      update);
  add("one that failed for good is settled",
      R"({"status":{"observedGeneration":1,"conditions":[{"type":"Failed","status":"True"}]}})", settled);
  add("one that failed and was edited is provisioned again",
      R"({"metadata":{"generation":2},"status":{"observedGeneration":1,"conditions":[{"type":"Failed","status":"True"}]}})",
      provision);
  add("an orphan is mitigated before anything else",
      R"({"status":{"orphanMitigationInProgress":true,"deprovisionStatus":"Required","observedGeneration":1,"conditions":[{"type":"Failed","status":"True"}]}})",
      mitigate_orphan);
  add("a mitigation that gave up waits for an edit",
      R"({"status":{"orphanMitigationInProgress":true,"deprovisionStatus":"Failed","observedGeneration":1}})",
      settled);
  add("a deleted one that was never reconciled goes at once", gone("{}"), release);
  add("a deleted one that the broker refused goes at once", gone(R"({"deprovisionStatus":"NotRequired"})"),
      release);
  add("a deleted one that was provisioned is deprovisioned",
      gone(R"({"deprovisionStatus":"Required","observedGeneration":1})"), deprovision);
  add("a deleted one that is being created is deprovisioned without waiting",
      gone(R"({"deprovisionStatus":"Required","asyncOpInProgress":true,"currentOperation":"Provision"})"),
      deprovision);
  add("a deleted one that is being updated is waited for",
      gone(R"({"deprovisionStatus":"Required","asyncOpInProgress":true,"currentOperation":"Update"})"), poll);
  add("a deprovision under way is polled",
      gone(R"({"deprovisionStatus":"Required","asyncOpInProgress":true,"currentOperation":"Deprovision"})"),
      poll);
  add("a deprovision that failed for good is tried again after an edit",
      gone(R"({"deprovisionStatus":"Failed","observedGeneration":1})"), deprovision);
  add("a deprovision that failed for good waits",
      gone(R"({"deprovisionStatus":"Failed","observedGeneration":2})"), settled);
  for (const auto& [c, patch] : cases) {
    json::object object = instance(patch);
    EXPECT_EQ(static_cast<int>(phase_of(InstanceView(object))), static_cast<int>(c.expected)) << c.sentence;
  }
  json::object released =
      instance(R"({"metadata":{"deletionTimestamp":"2026-01-31T10:00:00Z","finalizers":["other"]}})");
  EXPECT_EQ(phase_of(InstanceView(released)), settled);
}

TEST(InstancePhase, waits_before_a_repeated_call_unless_edited_or_another_call_is_due) {
  constexpr const char* waiting =
      R"({"status":{"observedGeneration":1,"currentOperation":"Provision","retry":{"attempts":3,"nextTime":"2026-01-31T10:00:04Z"}}})";
  json::object object = instance(waiting);
  EXPECT_EQ(wait_before(InstancePhase::provision, InstanceView(object), ten_o_clock),
            std::chrono::seconds(4));
  EXPECT_EQ(wait_before(InstancePhase::provision, InstanceView(object), at("2026-01-31T10:00:04Z")),
            std::nullopt);
  EXPECT_EQ(wait_before(InstancePhase::deprovision, InstanceView(object), ten_o_clock), std::nullopt);
  json::object edited = patched(object, R"({"metadata":{"generation":2}})");
  EXPECT_EQ(wait_before(InstancePhase::provision, InstanceView(edited), ten_o_clock), std::nullopt);
  json::object orphan = patched(
      object,
      R"({"status":{"conditions":[{"type":"Ready","status":"False","reason":"StartingInstanceOrphanMitigation"}]}})");
  EXPECT_EQ(wait_before(InstancePhase::mitigate_orphan, InstanceView(orphan), ten_o_clock), std::nullopt);
}

TEST(BindingPhase, is_read_off_the_object) {
  struct Case {
    const char* sentence;
    std::string patch;
    BindingPhase expected;
  };
  using enum BindingPhase;
  constexpr const char* deleted =
      R"({"metadata":{"deletionTimestamp":"2026-01-31T10:00:00Z","generation":2})";
  for (
      const Case& c : {
          Case{"a new binding is bound", "{}", bind},
          Case{"a ready one is kept",
               R"({"status":{"reconciledGeneration":1,"conditions":[{"type":"Ready","status":"True"}]}})",
               keep},
          Case{
              "one whose spec is edited since is kept",
              R"({"metadata":{"generation":2},"status":{"reconciledGeneration":1,"conditions":[{"type":"Ready","status":"True"}]}})",
              keep},
          Case{"one whose Secret could not be restored is kept",
               R"({"status":{"externalProperties":{},"conditions":[{"type":"Ready","status":"False"}]}})",
               keep},
          Case{"old credentials that were not revoked are revoked with it",
               std::string(deleted) +
                   R"(,"status":{"unbindStatus":"NotRequired","rotation":{"previous":[{"bindingID":"a"}]}}})",
               unbind},
          Case{"one at which the broker works is polled",
               R"({"status":{"asyncOpInProgress":true,"currentOperation":"Bind"}})", poll},
          Case{"one that failed for good is settled",
               R"({"status":{"reconciledGeneration":1,"conditions":[{"type":"Failed","status":"True"}]}})",
               settled},
          Case{"an orphan is mitigated",
               R"({"status":{"orphanMitigationInProgress":true,"unbindStatus":"Required"}})",
               mitigate_orphan},
          Case{"one deleted before its first reconcile goes at once", std::string(deleted) + "}", release},
          Case{"one the broker refused goes at once",
               std::string(deleted) + R"(,"status":{"unbindStatus":"NotRequired"}})", release},
          Case{"one that was bound is unbound",
               std::string(deleted) + R"(,"status":{"unbindStatus":"Required"}})", unbind},
          Case{
              "one that is being bound is unbound without waiting",
              std::string(deleted) +
                  R"(,"status":{"unbindStatus":"Required","asyncOpInProgress":true,"currentOperation":"Bind"}})",
              unbind},
          Case{
              "an unbind under way is polled",
              std::string(deleted) +
                  R"(,"status":{"unbindStatus":"Required","asyncOpInProgress":true,"currentOperation":"Unbind"}})",
              poll},
      }) {
    json::object object = binding(c.patch);
    EXPECT_EQ(static_cast<int>(phase_of(BindingView(object))), static_cast<int>(c.expected)) << c.sentence;
  }
}

}  // namespace
}  // namespace catalog
