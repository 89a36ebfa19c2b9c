// What follows a deletion: dependents, the contents of a namespace, the objects of a kind; and old events.
#include "api_server.hpp"

namespace apiserver {
namespace {

using namespace std::chrono_literals;

class Cleanup : public ApiServer {
 protected:
  json::object owned_by(std::string_view name, const json::object& owner, bool blocks = false) {
    json::object made = object(name);
    made["metadata"].as_object()["ownerReferences"] =
        json::array{json::object{{"apiVersion", "v1"},
                                 {"kind", "ConfigMap"},
                                 {"name", kube::name_of(owner)},
                                 {"uid", kube::uid_of(owner)},
                                 {"blockOwnerDeletion", blocks}}};
    return create(config_maps, made);
  }
  bool exists(std::string name, const kube::Resource& resource = config_maps) {
    const std::string namespace_ = resource.namespaced ? "default" : "";
    return run(client_->get(resource, {namespace_, std::move(name)})).has_value();
  }
  void remove(std::string name, std::string policy = "") {
    ASSERT_TRUE(run(client_->remove(config_maps, {"default", std::move(name)},
                                    {.propagation_policy = std::move(policy)})));
  }
};

TEST_F(Cleanup, takes_dependents_and_theirs_with_their_owner) {
  const json::object owner = create(config_maps, object("owner"));
  const json::object child = owned_by("child", owner);
  owned_by("grandchild", child);
  remove("owner");
  EXPECT_TRUE(until([&] { return !exists("child") && !exists("grandchild"); }));
}

TEST_F(Cleanup, leaves_orphans_where_that_is_asked_for) {
  const json::object owner = create(config_maps, object("owner"));
  owned_by("child", owner);
  remove("owner", "Orphan");
  ASSERT_TRUE(until([&] { return !exists("owner"); }));
  const auto child = run(client_->get(config_maps, {"default", "child"}));
  ASSERT_TRUE(child);
  EXPECT_EQ(core::find_array(*child, {"metadata", "ownerReferences"}), nullptr);
}

TEST_F(Cleanup, takes_dependents_first_in_the_foreground) {
  const json::object owner = create(config_maps, object("owner"));
  json::object child = owned_by("child", owner, true);
  child["metadata"].as_object()["finalizers"] = json::array{"example.com/wait"};
  ASSERT_TRUE(run(client_->replace(config_maps, child)));
  remove("owner", "Foreground");
  ASSERT_TRUE(until([&] {
    const auto now = run(client_->get(config_maps, {"default", "child"}));
    return now && kube::is_being_deleted(*now);
  }));
  EXPECT_TRUE(exists("owner"));
  json::value patch = *core::parse_json(R"({"metadata": {"finalizers": null}})");
  ASSERT_TRUE(run(client_->patch(config_maps, {"default", "child"}, kube::PatchType::merge, patch)));
  EXPECT_TRUE(until([&] { return !exists("owner"); }));
}

TEST_F(Cleanup, takes_what_names_an_owner_that_is_gone_or_another_of_that_name) {
  json::object owner = create(config_maps, object("owner"));
  owner["metadata"].as_object()["uid"] = "11111111-2222-3333-4444-555555555555";
  owned_by("stranger", owner);
  EXPECT_TRUE(until([&] { return !exists("stranger"); }));
  EXPECT_TRUE(exists("owner"));
}

TEST_F(Cleanup, finishes_after_a_restart_what_was_begun_before) {
  const json::object owner = create(config_maps, object("owner"));
  for (int i = 0; i < 20; ++i) owned_by("child-" + std::to_string(i), owner);
  remove("owner");
  reopen();
  EXPECT_TRUE(until([&] { return run(client_->list(config_maps, "default")).value().items.empty(); }));
}

TEST_F(Cleanup, empties_a_namespace_before_it_goes) {
  create(namespaces, {{"metadata", json::object{{"name", "harbour"}}}});
  json::object made = boat("b");
  made["metadata"].as_object()["namespace"] = "harbour";
  made["metadata"].as_object()["finalizers"] = json::array{"example.com/wait"};
  create(boats, made);
  ASSERT_TRUE(run(client_->remove(namespaces, {"", "harbour"})));
  EXPECT_TRUE(until([&] {
    const auto now = run(client_->get(namespaces, {"", "harbour"}));
    return now && core::find_string(*now, {"status", "phase"}) == "Terminating" &&
           core::to_text(*now).contains("boats.harbour.example");
  })) << "the namespace tells what it waits for";
  made["metadata"].as_object()["name"] = "late";
  const auto refused = run(client_->create(boats, made));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, core::ErrorKind::forbidden);
  json::value patch = *core::parse_json(R"({"metadata": {"finalizers": null}})");
  ASSERT_TRUE(run(client_->patch(boats, {"harbour", "b"}, kube::PatchType::merge, patch)));
  EXPECT_TRUE(until([&] { return !exists("harbour", namespaces); }));
}

TEST_F(Cleanup, forgets_events_after_an_hour) {
  const kube::Resource events{
      .group = "", .version = "v1", .kind = "Event", .plural = "events", .namespaced = true};
  create(events, object("e", {{"reason", "Tested"},
                              {"involvedObject", json::object{{"kind", "Boat"}, {"namespace", "default"}}}}));
  clock_.advance(30min);
  create(events, object("f", {{"reason", "Tested"},
                              {"involvedObject", json::object{{"kind", "Boat"}, {"namespace", "default"}}}}));
  clock_.advance(31min);
  EXPECT_TRUE(until([&] { return !exists("e", events); }));
  EXPECT_TRUE(exists("f", events));
}

}  // namespace
}  // namespace apiserver
