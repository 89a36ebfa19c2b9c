// One stored object that cannot be read: what an older version wrote, a damaged row, a Secret sealed by a
// lost key.
#include <filesystem>

#include "api_server.hpp"
#include "sqlite/database.hpp"
#include "testing/temp_folder.hpp"

namespace apiserver {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Unreadable : public ApiServer {
 protected:
  // Changes the file while nobody has it open.
  void damage(const std::string& sql) {
    close();
    {
      auto database = sqlite::Database::open(folder_.path() + "/state.db");
      ASSERT_TRUE(database) << database.error().message;
      ASSERT_TRUE(database->run(sql));
    }
    open();
  }
  void lose_the_key() {
    close();
    std::filesystem::remove(folder_.path() + "/state.key");
    open();
  }
  std::vector<std::string> names(const kube::Resource& resource, const std::string& namespace_ = "default") {
    const auto list = run(client_->list(resource, namespace_, {}));
    EXPECT_TRUE(list) << list.error().message;
    std::vector<std::string> found;
    for (const json::object& object : list->items) found.emplace_back(kube::name_of(object));
    return found;
  }
  net::Reply send(std::string method, std::string target, std::string body = {},
                  const std::string& type = "application/json") {
    net::Request request{.method = std::move(method), .target = std::move(target)};
    request.headers.set("Content-Type", type);
    request.body = std::move(body);
    return call(std::move(request));
  }
  json::object config_map(std::string_view name) { return object(name, {{"data", {{"a", "b"}}}}); }
};

constexpr const char* maps = "/api/v1/namespaces/default/configmaps";
constexpr const char* boats_of_default = "/apis/harbour.example/v1/namespaces/default/boats";

TEST_F(Unreadable, a_damaged_object_is_left_out_named_and_can_be_deleted) {
  for (const char* name : {"a", "b", "c"}) create(config_maps, config_map(name));
  damage("UPDATE log SET value = '{\"metadata\":{\"name\"' WHERE key = '/core/configmaps/default/b'");

  EXPECT_THAT(names(config_maps), ElementsAre("a", "c"));
  const net::Reply list = get(maps);
  EXPECT_THAT(std::string(list.headers.get("Warning")), HasSubstr("default/b"));
  const net::Reply one = get(std::string(maps) + "/b");
  EXPECT_EQ(one.status, 500);
  EXPECT_THAT(one.body, HasSubstr("delete the object, or replace it"));
  EXPECT_THAT(metrics_.render(), HasSubstr("apiserver_unreadable_objects 1"));

  const net::Reply removed = send("DELETE", std::string(maps) + "/b");
  EXPECT_EQ(removed.status, 200) << removed.body;
  EXPECT_THAT(std::string(removed.headers.get("Warning")), HasSubstr("could not be read"));
  EXPECT_EQ(get(std::string(maps) + "/b").status, 404);
  EXPECT_TRUE(get(maps).headers.get("Warning").empty());
  EXPECT_THAT(metrics_.render(), HasSubstr("apiserver_unreadable_objects 0"));
}

TEST_F(Unreadable, it_can_be_replaced_as_a_whole_without_a_version) {
  create(boats, boat("black-pearl"));
  damage("UPDATE log SET value = 'x' WHERE key = '/harbour.example/boats/default/black-pearl'");
  EXPECT_EQ(
      send("PATCH", std::string(boats_of_default) + "/black-pearl", "{}", "application/merge-patch+json")
          .status,
      500);
  json::object whole = boat("black-pearl");
  whole["metadata"].as_object()["uid"] = "11111111-2222-3333-4444-555555555555";
  whole["apiVersion"] = "harbour.example/v1";
  whole["kind"] = "Boat";
  const net::Reply replaced =
      send("PUT", std::string(boats_of_default) + "/black-pearl", core::to_text(whole));
  ASSERT_EQ(replaced.status, 200) << replaced.body;
  EXPECT_THAT(replaced.body, HasSubstr("11111111-2222-3333-4444-555555555555"));
  EXPECT_THAT(names(boats), ElementsAre("black-pearl"));
  reopen();
  EXPECT_EQ(get(std::string(boats_of_default) + "/black-pearl").status, 200);
}

// 1e400 was stored as 1e99999.
TEST_F(Unreadable, a_number_of_an_older_version_is_shown_as_null_and_the_object_keeps_its_finalizers) {
  json::object wrecked = boat("wreck", R"({"name": "wreck", "cargo": {"gold": 17}})");
  wrecked["metadata"].as_object()["finalizers"] = json::array{"harbour.example/crew"};
  create(boats, wrecked);
  create(boats, boat("titanic"));
  damage(
      "UPDATE log SET value = replace(value, '17', '1e99999') WHERE key = "
      "'/harbour.example/boats/default/wreck'");

  EXPECT_THAT(names(boats), ElementsAre("titanic"));
  const std::string target = std::string(boats_of_default) + "/wreck";
  const net::Reply shown = get(target);
  EXPECT_EQ(shown.status, 200);
  EXPECT_THAT(shown.body, HasSubstr(R"("gold":null)"));
  EXPECT_THAT(std::string(shown.headers.get("Warning")), HasSubstr("spec.cargo.gold"));

  const net::Reply removed = send("DELETE", target);
  EXPECT_EQ(removed.status, 200);
  EXPECT_THAT(names(boats), ElementsAre("titanic", "wreck"))
      << "it waits for its finalizer, and is told of again";
  const net::Reply let_go =
      send("PATCH", target, R"({"metadata":{"finalizers":null}})", "application/merge-patch+json");
  EXPECT_EQ(let_go.status, 200) << let_go.body;
  EXPECT_THAT(names(boats), ElementsAre("titanic"));
}

TEST_F(Unreadable, such_an_object_is_repaired_by_a_patch) {
  create(boats, boat("wreck", R"({"name": "wreck", "cargo": {"gold": 17}})"));
  damage(
      "UPDATE log SET value = replace(value, '17', '1e99999') WHERE key = "
      "'/harbour.example/boats/default/wreck'");
  const net::Reply patched = send("PATCH", std::string(boats_of_default) + "/wreck",
                                  R"({"spec":{"cargo":{"gold":18}}})", "application/merge-patch+json");
  EXPECT_EQ(patched.status, 200) << patched.body;
  EXPECT_THAT(names(boats), ElementsAre("wreck"));
  EXPECT_TRUE(get(std::string(boats_of_default) + "/wreck").headers.get("Warning").empty());
}

TEST_F(Unreadable, secrets_of_a_lost_key_stop_neither_others_nor_their_namespace) {
  create(namespaces, {{"metadata", {{"name", "port"}}}});
  json::object secret{{"metadata", {{"name", "old"}, {"namespace", "port"}}}, {"stringData", {{"k", "v"}}}};
  create(kube::resources::secrets, secret);
  lose_the_key();
  secret["metadata"].as_object()["name"] = "new";
  create(kube::resources::secrets, secret);
  EXPECT_THAT(names(kube::resources::secrets, "port"), ElementsAre("new"));
  secret["metadata"].as_object()["name"] = "old";
  const net::Reply replaced = send("PUT", "/api/v1/namespaces/port/secrets/old", core::to_text(secret));
  EXPECT_EQ(replaced.status, 200) << replaced.body;
  EXPECT_THAT(names(kube::resources::secrets, "port"), ElementsAre("new", "old"));
  lose_the_key();
  EXPECT_EQ(send("DELETE", "/api/v1/namespaces/port").status, 200);
  EXPECT_TRUE(until([&] { return get("/api/v1/namespaces/port").status == 404; }));
}

TEST_F(Unreadable, it_goes_with_its_collection) {
  for (const char* name : {"a", "b"}) create(config_maps, config_map(name));
  damage("UPDATE log SET value = 'x' WHERE key = '/core/configmaps/default/b'");
  EXPECT_EQ(send("DELETE", maps).status, 200);
  EXPECT_THAT(get(maps).body, HasSubstr(R"("items":[])"));
  EXPECT_EQ(get(std::string(maps) + "/b").status, 404);
}

TEST_F(Unreadable, what_the_control_plane_needs_itself_is_made_anew_at_the_start) {
  create(boats, boat("titanic"));
  damage(
      "UPDATE log SET value = 'x' WHERE key LIKE '/core/namespaces/%' OR key LIKE '/apiextensions.k8s.io/%'");
  EXPECT_THAT(names(boats), ElementsAre("titanic"));
  EXPECT_EQ(get("/api/v1/namespaces/default").status, 200);
  create(config_maps, config_map("a"));
}

TEST_F(Unreadable, watches_of_the_past_go_on_over_it) {
  const std::string version =
      core::find_string(create(config_maps, config_map("a")), {"metadata", "resourceVersion"}).data();
  for (const char* name : {"b", "c"}) create(config_maps, config_map(name));
  damage("UPDATE log SET value = 'x' WHERE key = '/core/configmaps/default/b'");
  kube::WatchOptions options;
  options.resource_version = version;
  auto watch = run(client_->watch(config_maps, "default", options));
  ASSERT_TRUE(watch) << watch.error().message;
  const auto event = run((*watch)->next());
  ASSERT_TRUE(event && *event);
  EXPECT_EQ(kube::name_of((*event)->object), "c");
}

}  // namespace
}  // namespace apiserver
