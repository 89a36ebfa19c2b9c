#include "catalog/policies/rotation.hpp"

#include <gtest/gtest.h>

#include "catalog/policies/binding_upkeep.hpp"
#include "objects.hpp"

namespace catalog {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Step = Upkeep::Step;

json::object bound_binding(std::string_view patch = "{}") {
  return patched(binding(R"({"metadata":{"creationTimestamp":"2026-01-31T10:00:00Z"},
    "status":{"externalProperties":{},"secretVersion":"7","conditions":[{"type":"Ready","status":"True"}]}})"),
                 patch);
}

json::object& status_of(json::object& object) {
  return object["status"].as_object();
}

struct Wanted {
  Step step;
  std::optional<std::chrono::milliseconds> wait;
};

TEST(BindingUpkeep, restores_the_secret_rotates_and_revokes_when_it_is_time) {
  struct Case {
    const char* what;
    const char* patch;
    const char* secret_version;
    Wanted wanted;
  };
  for (
      const Case& c : {
          Case{"nothing to do", "{}", "7", {Step::none, {}}},
          Case{"the Secret is gone", "{}", "", {Step::restore_secret, {}}},
          Case{"the Secret was edited", "{}", "8", {Step::restore_secret, {}}},
          Case{"an older version's object", R"({"status":{"secretVersion":null}})", "8", {Step::none, {}}},
          Case{"an older version's object without its Secret",
               R"({"status":{"secretVersion":null}})",
               "",
               {Step::restore_secret, {}}},
          Case{"a restoration failed",
               R"({"status":{"retry":{"nextTime":"2026-01-31T10:00:10Z"}}})",
               "",
               {Step::none, seconds(10)}},
          Case{"the interval has not passed",
               R"({"spec":{"rotation":{"interval":"2h"}}})",
               "7",
               {Step::none, hours(2)}},
          Case{
              "the interval has passed",
              R"({"spec":{"rotation":{"interval":"2h"}},"status":{"rotation":{"rotatedTime":"2026-01-31T08:00:00Z"}}})",
              "7",
              {Step::rotate, {}}},
          Case{"new annotation",
               R"({"metadata":{"annotations":{"servicecatalog.k8s.io/rotate":"2"}},
                "status":{"rotation":{"request":"1"}}})",
               "7",
               {Step::rotate, {}}},
          Case{"old annotation",
               R"({"metadata":{"annotations":{"servicecatalog.k8s.io/rotate":"1"}},
                "status":{"rotation":{"request":"1"}}})",
               "7",
               {Step::none, {}}},
          Case{"the broker's time has come",
               R"({"status":{"rotation":{"renewTime":"2026-01-31T09:00:00Z"}}})",
               "7",
               {Step::rotate, {}}},
          Case{"begun", R"({"status":{"rotation":{"next":{"bindingID":"b"}}}})", "8", {Step::rotate, {}}},
          Case{"begun and failed",
               R"({"status":{"rotation":{"next":{"bindingID":"b"},
                "retry":{"nextTime":"2026-01-31T10:00:05Z"}}}})",
               "7",
               {Step::none, seconds(5)}},
          Case{
              "overlap",
              R"({"status":{"rotation":{"previous":[{"bindingID":"a","unbindTime":"2026-01-31T10:30:00Z"}]}}})",
              "7",
              {Step::none, minutes(30)}},
          Case{
              "overlap over",
              R"({"status":{"rotation":{"previous":[{"bindingID":"a","unbindTime":"2026-01-31T10:00:00Z"}]}}})",
              "7",
              {Step::revoke, {}}},
      }) {
    json::object object = bound_binding(c.patch);
    Upkeep upkeep = upkeep_of(BindingView(object), c.secret_version, ten_o_clock);
    EXPECT_EQ(upkeep.step, c.wanted.step) << c.what;
    EXPECT_EQ(upkeep.wait, c.wanted.wait) << c.what;
  }
}

TEST(Rotation, keeps_the_old_id_until_the_overlap_is_over) {
  json::object object = bound_binding();
  rotation::started(status_of(object), "second", ten_o_clock);
  EXPECT_EQ(rotation::next_id(BindingView(object))->id, "second");
  EXPECT_EQ(BindingView(object).binding_id(), "binding-id");
  rotation::switched(status_of(object), "binding-id", "second", hours(1), ten_o_clock);
  EXPECT_EQ(BindingView(object).binding_id(), "second");
  EXPECT_FALSE(rotation::next_id(BindingView(object)));
  auto old = rotation::first_to_revoke(BindingView(object));
  ASSERT_TRUE(old);
  EXPECT_EQ(old->id, "binding-id");
  EXPECT_EQ(old->time, ten_o_clock + hours(1));
  rotation::revoked(status_of(object), "binding-id");
  EXPECT_FALSE(rotation::first_to_revoke(BindingView(object)));
}

TEST(Rotation, revokes_nothing_that_the_secret_has) {
  json::object object = bound_binding();
  rotation::started(status_of(object), "second", ten_o_clock);
  rotation::failed(status_of(object), "broken", {.retry = true, .mitigate_orphan = true}, {}, ten_o_clock);
  rotation::switched(status_of(object), "binding-id", "second", hours(1), ten_o_clock);
  EXPECT_EQ(BindingView(object).binding_id(), "second");
  EXPECT_EQ(rotation::first_to_revoke(BindingView(object))->id, "binding-id");
}

TEST(Rotation, that_may_have_left_something_is_revoked_and_tried_under_a_new_id) {
  json::object object = bound_binding();
  rotation::started(status_of(object), "second", ten_o_clock);
  rotation::failed(status_of(object), "busy", {.retry = true, .mitigate_orphan = false}, {}, ten_o_clock);
  EXPECT_EQ(rotation::next_id(BindingView(object))->id, "second");
  EXPECT_EQ(core::find_string(BindingView(object).rotation(), {"retry", "lastError"}), "busy");
  rotation::failed(status_of(object), "broken", {.retry = true, .mitigate_orphan = true}, {}, ten_o_clock);
  EXPECT_FALSE(rotation::next_id(BindingView(object)));
  EXPECT_EQ(rotation::first_to_revoke(BindingView(object))->id, "second");
  EXPECT_EQ(core::find_int(BindingView(object).rotation(), {"retry", "attempts"}), 2);
}

TEST(Rotation, comes_well_before_the_broker_lets_credentials_expire) {
  json::object object = bound_binding();
  rotation::made(status_of(object), "", parse(R"({"expires_at":"2026-01-31T20:00:00.0Z"})"), ten_o_clock);
  EXPECT_EQ(rotation::due(BindingView(object)), at("2026-01-31T19:00:00Z"));
  rotation::made(status_of(object), "",
                 parse(R"({"expires_at":"2026-01-31T20:00:00.0Z","renew_before":"2026-01-31T15:00:00.0Z"})"),
                 ten_o_clock);
  EXPECT_EQ(rotation::due(BindingView(object)), at("2026-01-31T14:30:00Z"));
  EXPECT_FALSE(rotation::has_expired(BindingView(object), at("2026-01-31T19:59:59Z")));
  EXPECT_TRUE(rotation::has_expired(BindingView(object), at("2026-01-31T20:00:00Z")));
  rotation::made(status_of(object), "", nullptr, ten_o_clock);
  EXPECT_FALSE(rotation::due(BindingView(object)));
}

TEST(Rotation, says_nothing_of_bindings_that_need_none) {
  json::object object = bound_binding();
  rotation::made(status_of(object), "", nullptr, ten_o_clock);
  EXPECT_TRUE(BindingView(object).rotation().empty());
}

}  // namespace
}  // namespace catalog
