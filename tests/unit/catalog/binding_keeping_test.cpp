// The controller of bindings once they are bound: the Secret is kept, credentials are rotated and revoked.
#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "world.hpp"

namespace catalog {
namespace {

using Answer = ScriptedBroker::Answer;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* secrets = "/api/v1/secrets";

class BoundBinding : public testing::Test {
 protected:
  void SetUp() override {
    world.create_broker();
    world.create_instance();
    ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "ProvisionedSuccessfully"; }));
  }
  void bind(std::string_view patch = "{}") {
    world.create_binding(
        core::to_text(patched(parse(R"({"metadata":{"creationTimestamp":"2026-01-31T10:00:00Z"}})"), patch)));
    ASSERT_TRUE(world.until([&] { return ready(); }));
  }
  [[nodiscard]] bool ready() { return world.reason(world.binding_now()) == "InjectedBindResult"; }
  [[nodiscard]] std::string value(std::string_view key) {
    const json::object* secret = world.secret_now();
    if (!secret) return "(no Secret)";
    return core::base64_decode(core::find_string(*secret, {"data", key})).value();
  }
  [[nodiscard]] json::object rotation() {
    const json::object* found = core::find_object(*world.binding_now(), {"status", "rotation"});
    return found ? *found : json::object();
  }
  [[nodiscard]] std::string binding_id() { return std::string(core::find_string(rotation(), {"bindingID"})); }
  void ask_for_rotation(const std::string& request) {
    json::object changed =
        patched(*world.binding_now(),
                R"({"metadata":{"annotations":{"servicecatalog.k8s.io/rotate":")" + request + "\"}}}");
    world.api.put(World::of(resources::service_bindings), std::move(changed));
  }
  [[nodiscard]] static std::string id_in(const net::Request& request) {
    std::string path(request.path());
    path.erase(0, path.find("/service_bindings/") + 18);
    return path.substr(0, path.find('/'));
  }

  World world;
};

TEST_F(BoundBinding, names_its_secret_as_a_provisioned_service) {
  bind(R"({"spec":{"secretEntries":["type","provider"]}})");
  EXPECT_EQ(core::find_string(*world.binding_now(), {"status", "binding", "name"}), "s3-binding");
  EXPECT_EQ(value("type"), "s3");
  EXPECT_EQ(value("provider"), "aws");
}

TEST_F(BoundBinding, makes_its_secret_again_when_it_is_deleted_from_what_the_broker_shows) {
  bind();
  world.api.erase(secrets, "s3-demo", "s3-binding");
  ASSERT_TRUE(world.until([&] { return world.secret_now() != nullptr; }, seconds(1)));
  EXPECT_EQ(value("BUCKET_NAME"), "the-bucket");
  EXPECT_EQ(world.broker.calls("bind"), 1U);
  EXPECT_EQ(world.broker.calls("fetch_binding"), 1U);
  EXPECT_TRUE(ready());
}

TEST_F(BoundBinding, binds_again_under_the_same_id_where_bindings_cannot_be_fetched) {
  world.edit(resources::cluster_service_classes, "class-id", R"({"spec":{"bindingRetrievable":false}})");
  bind();
  world.api.erase(secrets, "s3-demo", "s3-binding");
  ASSERT_TRUE(world.until([&] { return world.secret_now() != nullptr; }, seconds(1)));
  EXPECT_EQ(world.broker.calls("bind"), 2U);
  EXPECT_EQ(id_in(world.broker.last("bind")), "binding-id");
  EXPECT_EQ(world.broker.calls("unbind"), 0U);
}

TEST_F(BoundBinding, says_so_where_the_broker_does_not_show_credentials_again_and_is_healed_by_a_rotation) {
  world.edit(resources::cluster_service_classes, "class-id", R"({"spec":{"bindingRetrievable":false}})");
  bind();
  world.broker.plan(
      "bind", {{.status = 200, .body = "{}"}, {.status = 201, .body = R"({"credentials":{"A":"new"}})"}});
  world.api.erase(secrets, "s3-demo", "s3-binding");
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "ErrorInjectingBindResult"; }));
  EXPECT_TRUE(world.message(world.binding_now()).contains("does not return the credentials again"));
  ask_for_rotation("1");
  ASSERT_TRUE(world.until([&] { return ready() && value("A") == "new"; }, seconds(2)));
}

TEST_F(BoundBinding, undoes_what_was_edited_in_its_secret_and_leaves_labels) {
  bind();
  json::object edited =
      patched(*world.secret_now(),
              R"({"metadata":{"labels":{"app":"x"}},"data":{"BUCKET_NAME":"eA==","more":"eA=="}})");
  world.api.put(secrets, std::move(edited));
  ASSERT_TRUE(world.until([&] { return value("BUCKET_NAME") == "the-bucket"; }, seconds(1)));
  EXPECT_EQ(core::find_object(*world.secret_now(), {"data"})->size(), 2U);
  EXPECT_EQ(core::find_string(*world.secret_now(), {"metadata", "labels", "app"}), "x");
}

TEST_F(BoundBinding, does_not_race_with_who_edits_its_secret_again_and_again) {
  bind();
  std::size_t edits = 0;
  (void)world.until(
      [&] {
        if (value("BUCKET_NAME") == "the-bucket" && edits < 100) {
          world.api.put(secrets, patched(*world.secret_now(), R"({"data":{"BUCKET_NAME":"eA=="}})"));
          ++edits;
        }
        return false;
      },
      minutes(1));
  EXPECT_LE(world.broker.calls("fetch_binding"), 8U);
}

TEST_F(BoundBinding, leaves_a_foreign_secret_in_the_place_of_its_own_and_says_so) {
  bind();
  world.api.erase(secrets, "s3-demo", "s3-binding");
  world.api.put(secrets,
                parse(R"({"metadata":{"name":"s3-binding","namespace":"s3-demo"},"data":{"mine":"eA=="}})"));
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "ErrorInjectingBindResult"; }));
  EXPECT_TRUE(world.message(world.binding_now()).contains("s3-demo/s3-binding"));
  EXPECT_EQ(world.broker.calls("unbind"), 0U);
  world.api.erase(secrets, "s3-demo", "s3-binding");
  EXPECT_TRUE(world.until([&] { return ready() && value("PORT") == "443"; }, seconds(1)));
}

TEST_F(BoundBinding, follows_the_secrets_that_it_takes_keys_from) {
  world.api.put(secrets,
                parse(R"({"metadata":{"name":"extra","namespace":"trust"},"data":{"region":"YQ=="}})"));
  bind(
      R"({"spec":{"secretTransforms":[{"addKeysFrom":{"secretRef":{"name":"extra","namespace":"trust"}}}]}})");
  EXPECT_EQ(value("region"), "a");
  world.api.put(secrets,
                parse(R"({"metadata":{"name":"extra","namespace":"trust"},"data":{"region":"Yg=="}})"));
  EXPECT_TRUE(world.until([&] { return value("region") == "b"; }, seconds(1)));
}

TEST_F(BoundBinding, waits_for_a_secret_that_it_takes_keys_from) {
  world.create_binding(R"({"spec":{"secretTransforms":[{"addKeysFrom":{"secretRef":{"name":"extra"}}}]}})");
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "ErrorInjectingBindResult"; }));
  EXPECT_TRUE(world.message(world.binding_now()).contains("s3-demo/extra"));
  world.let_pass(minutes(20));
  world.api.put(secrets,
                parse(R"({"metadata":{"name":"extra","namespace":"s3-demo"},"data":{"region":"Yg=="}})"));
  EXPECT_TRUE(world.until([&] { return ready() && value("region") == "b"; }, seconds(1)));
}

TEST_F(BoundBinding, is_bound_anew_where_the_broker_has_lost_it) {
  bind();
  world.broker.plan("fetch_binding", {{.status = 404}});
  world.api.erase(secrets, "s3-demo", "s3-binding");
  ASSERT_TRUE(world.until([&] { return world.secret_now() && ready(); }));
  EXPECT_EQ(world.broker.calls("bind"), 2U);
}

TEST_F(BoundBinding, rotates_by_a_predecessor_and_revokes_the_old_credentials_after_the_overlap) {
  world.edit(resources::cluster_service_plans, "plan-id", R"({"spec":{"bindingRotatable":true}})");
  bind(R"({"spec":{"rotation":{"overlap":"30m"},"parameters":{"a":1}}})");
  world.broker.plan("bind", {{.status = 201, .body = R"({"credentials":{"KEY":"second"}})"}});
  ask_for_rotation("now");
  ASSERT_TRUE(world.until([&] { return value("KEY") == "second" && !binding_id().empty(); }, seconds(2)));
  const net::Request& request = world.broker.last("bind");
  EXPECT_EQ(id_in(request), binding_id());
  EXPECT_NE(binding_id(), "binding-id");
  json::value body = core::parse_json(request.body).value();
  EXPECT_EQ(core::find_string(body, {"predecessor_binding_id"}), "binding-id");
  EXPECT_EQ(core::find(body, {"parameters"}), nullptr);
  EXPECT_TRUE(ready());
  EXPECT_TRUE(world.has_event("RotatedCredentials"));
  world.let_pass(minutes(29));
  EXPECT_EQ(world.broker.calls("unbind"), 0U);
  EXPECT_EQ(world.broker.calls("bind"), 2U);
  ASSERT_TRUE(world.until([&] { return world.broker.calls("unbind") == 1U; }, minutes(2)));
  EXPECT_EQ(id_in(world.broker.last("unbind")), "binding-id");
  EXPECT_TRUE(world.until([&] { return !rotation().contains("previous"); }));
  EXPECT_EQ(value("KEY"), "second");
}

TEST_F(BoundBinding, rotates_by_a_new_binding_where_the_plan_knows_no_predecessors) {
  bind(R"({"spec":{"parameters":{"a":1}}})");
  ask_for_rotation("1");
  ASSERT_TRUE(world.until([&] { return !binding_id().empty(); }, seconds(2)));
  json::value body = core::parse_json(world.broker.last("bind").body).value();
  EXPECT_EQ(core::find(body, {"predecessor_binding_id"}), nullptr);
  EXPECT_EQ(core::find_int(body, {"parameters", "a"}), 1);
}

TEST_F(BoundBinding, rotates_by_the_interval_also_after_a_restart) {
  bind(R"({"spec":{"rotation":{"interval":"1h","overlap":"30m"}}})");
  world.let_pass(minutes(30));
  EXPECT_EQ(world.broker.calls("bind"), 1U);
  world.restart();
  ASSERT_TRUE(world.until([&] { return world.broker.calls("bind") == 2U; }, minutes(35)));
  ASSERT_TRUE(world.until([&] { return world.broker.calls("bind") == 3U; }, minutes(65)));
  EXPECT_EQ(world.broker.calls("unbind"), 1U);
}

TEST_F(BoundBinding, takes_an_interval_that_is_set_later_without_binding_again) {
  bind();
  world.edit(resources::service_bindings, "s3-binding",
             R"({"spec":{"rotation":{"interval":"1h","overlap":"5m"}}})");
  ASSERT_TRUE(world.until(
      [&] { return core::find_int(*world.binding_now(), {"status", "reconciledGeneration"}) == 2; },
      seconds(1)));
  EXPECT_EQ(world.broker.calls("bind"), 1U);
  EXPECT_TRUE(world.until([&] { return world.broker.calls("bind") == 2U; }, minutes(65)));
}

TEST_F(BoundBinding, rotates_before_its_credentials_expire) {
  std::string expiration = core::to_rfc3339(world.clock.system_now() + hours(1));
  world.broker.plan(
      "bind",
      {{.status = 201, .body = R"({"credentials":{},"metadata":{"expires_at":")" + expiration + "\"}}"},
       {.status = 201, .body = R"({"credentials":{"A":"new"}})"}});
  bind();
  EXPECT_TRUE(world.until([&] { return value("A") == "new"; }, minutes(55)));
}

TEST_F(BoundBinding, stays_ready_while_a_rotation_fails_and_leaves_no_orphan) {
  bind();
  world.broker.plan("bind", {{.status = 500, .body = R"({"description":"out of keys"})"},
                             {.status = 201, .body = R"({"credentials":{"A":"new"}})"}});
  ask_for_rotation("1");
  ASSERT_TRUE(world.until([&] { return world.broker.calls("bind") == 2U; }));
  std::string failed_id = id_in(world.broker.last("bind"));
  ASSERT_TRUE(world.until([&] { return rotation().contains("retry"); }));
  EXPECT_TRUE(core::find_string(rotation(), {"retry", "lastError"}).contains("out of keys"));
  EXPECT_TRUE(ready());
  EXPECT_TRUE(world.has_event("RotationFailed"));
  ASSERT_TRUE(world.until([&] { return value("A") == "new"; }));
  EXPECT_EQ(world.broker.calls("unbind"), 1U);
  EXPECT_EQ(id_in(world.broker.last("unbind")), failed_id);
  EXPECT_FALSE(rotation().contains("retry"));
}

TEST_F(BoundBinding, rotates_and_revokes_asynchronously) {
  bind(R"({"spec":{"rotation":{"overlap":"1m"}}})");
  world.broker.plan("bind", {{.status = 202, .body = R"({"operation":"b-2"})"}});
  world.broker.plan("unbind", {{.status = 202, .body = R"({"operation":"u-1"})"}});
  world.broker.plan("last_operation",
                    {{.body = R"({"state":"in progress"})"}, {.body = R"({"state":"succeeded"})"}});
  ask_for_rotation("1");
  ASSERT_TRUE(world.until([&] { return !binding_id().empty(); }, seconds(3)));
  EXPECT_TRUE(ready());
  EXPECT_EQ(id_in(world.broker.last("fetch_binding")), binding_id());
  ASSERT_TRUE(world.until([&] { return !rotation().contains("previous"); }, minutes(2)));
  EXPECT_EQ(world.broker.calls("unbind"), 1U);
}

TEST_F(BoundBinding, goes_on_with_a_rotation_after_a_restart_under_the_same_id) {
  bind();
  core::Error lost{.kind = core::ErrorKind::unavailable, .message = "connection refused"};
  Answer unreachable;
  unreachable.error = lost;
  world.broker.plan("bind", {unreachable});
  ask_for_rotation("1");
  ASSERT_TRUE(world.until([&] { return world.broker.calls("bind") >= 2U; }));
  std::string id = id_in(world.broker.last("bind"));
  world.restart();
  world.broker.plan("bind", {{.status = 201, .body = R"({"credentials":{"A":"new"}})"}});
  ASSERT_TRUE(world.until([&] { return value("A") == "new"; }, minutes(1)));
  EXPECT_EQ(id_in(world.broker.last("bind")), id);
}

TEST_F(BoundBinding, ends_every_id_when_it_is_deleted) {
  bind();
  ask_for_rotation("1");
  ASSERT_TRUE(world.until([&] { return !binding_id().empty(); }, seconds(2)));
  std::string second = binding_id();
  world.broker.plan("unbind", {{.status = 500}, {.status = 200}});
  world.remove(resources::service_bindings, "s3-binding");
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "UnbindCallFailed"; }));
  ASSERT_TRUE(world.until([&] { return !world.binding_now(); }));
  EXPECT_EQ(world.broker.calls("unbind"), 3U);
  EXPECT_EQ(id_in(world.broker.last("unbind")), second);
  EXPECT_EQ(world.secret_now(), nullptr);
}

}  // namespace
}  // namespace catalog
