// Creating, changing and deleting objects: versions, generations, owners of fields, finalizers.
#include "api_server.hpp"

namespace apiserver {
namespace {

using core::ErrorKind;
using kube::PatchType;
using testing::HasSubstr;

class Writes : public ApiServer {
 protected:
  core::Result<json::object> patch(const kube::Resource& resource, std::string name, PatchType type,
                                   std::string_view text, kube::PatchOptions options = {}) {
    json::value change = *core::parse_json(text);
    return run(
        client_->patch(resource, {"default", std::move(name)}, type, std::move(change), std::move(options)));
  }
  json::object read(const kube::Resource& resource, std::string name) {
    return run(client_->get(resource, {"default", std::move(name)})).value();
  }
  static std::int64_t generation(const json::object& object) {
    return core::find_int(object, {"metadata", "generation"}).value_or(-1);
  }
};

TEST_F(Writes, give_a_name_an_id_a_version_and_a_time) {
  json::object wanted = object("ignored");
  wanted["metadata"].as_object().erase("name");
  wanted["metadata"].as_object()["generateName"] = "made-";
  wanted["metadata"].as_object()["uid"] = "mine";
  wanted["metadata"].as_object()["resourceVersion"] = "";
  const json::object made = create(config_maps, wanted);
  EXPECT_THAT(std::string(kube::name_of(made)), testing::StartsWith("made-"));
  EXPECT_EQ(kube::uid_of(made).size(), 36U);
  EXPECT_FALSE(kube::resource_version_of(made).empty());
  EXPECT_EQ(core::find_string(made, {"metadata", "creationTimestamp"}), "2026-01-31T10:00:00Z");
}

TEST_F(Writes, of_an_old_version_are_conflicts) {
  const json::object first = create(config_maps, object("a"));
  json::object changed = first;
  changed["data"] = json::object{{"k", "1"}};
  ASSERT_TRUE(run(client_->replace(config_maps, changed)));
  changed["data"] = json::object{{"k", "2"}};
  const auto refused = run(client_->replace(config_maps, changed));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("please apply your changes to the latest version"));
  EXPECT_EQ(run(client_->create(config_maps, object("a"))).error().kind, ErrorKind::already_exists);
}

TEST_F(Writes, that_change_nothing_keep_the_version) {
  const json::object made = create(boats, boat("b"));
  EXPECT_EQ(
      kube::resource_version_of(*patch(boats, "b", PatchType::merge, R"({"spec": {"name": "titanic"}})")),
      kube::resource_version_of(made));
}

TEST_F(Writes, keep_spec_and_status_apart) {
  json::object wanted = boat("b");
  wanted["status"] = json::object{{"place", "sea"}};
  EXPECT_FALSE(create(boats, wanted).contains("status"));
  const auto placed =
      patch(boats, "b", PatchType::merge, R"({"status": {"place": "port"}, "spec": {"masts": 2}})",
            {.subresource = "status"});
  ASSERT_TRUE(placed);
  EXPECT_EQ(core::find_string(*placed, {"status", "place"}), "port");
  EXPECT_FALSE(core::find_int(*placed, {"spec", "masts"}));
  EXPECT_EQ(generation(*placed), 1);
  const auto changed =
      patch(boats, "b", PatchType::merge, R"({"status": {"place": "sea"}, "spec": {"masts": 2}})");
  EXPECT_EQ(core::find_string(*changed, {"status", "place"}), "port");
  EXPECT_EQ(generation(*changed), 2);
  EXPECT_EQ(generation(*patch(boats, "b", PatchType::merge, R"({"metadata": {"labels": {"a": "b"}}})")), 2);
}

TEST_F(Writes, by_apply_know_whose_field_it_is) {
  const auto apply = [&](const char* manager, std::string_view spec, bool force = false) {
    return patch(
        boats, "b", PatchType::apply,
        std::string(
            R"({"apiVersion": "harbour.example/v1", "kind": "Boat", "metadata": {"name": "b"}, "spec": )") +
            std::string(spec) + "}",
        {.field_manager = manager, .force = force});
  };
  ASSERT_TRUE(apply("ann", R"({"name": "titanic", "masts": 2, "crew": [{"name": "ann"}]})"));
  const auto refused = apply("bob", R"({"name": "titanic", "masts": 3})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("\"ann\""));
  EXPECT_THAT(refused.error().message, HasSubstr(".spec.masts"));

  ASSERT_TRUE(apply("bob", R"({"masts": 3, "crew": [{"name": "bob"}]})", true));
  const json::object both = read(boats, "b");
  EXPECT_EQ(core::find_int(both, {"spec", "masts"}), 3);
  EXPECT_EQ(core::find_array(both, {"spec", "crew"})->size(), 2U);
  // What ann does not apply any more goes, unless somebody else owns it too.
  const auto less = apply("ann", R"({"name": "titanic"})");
  ASSERT_TRUE(less) << less.error().message;
  EXPECT_EQ(core::find_array(*less, {"spec", "crew"})->size(), 1U);
  EXPECT_EQ(core::find_int(*less, {"spec", "masts"}), 3);
}

TEST_F(Writes, by_patch_are_checked_as_any_other) {
  create(boats, boat("b"));
  struct Case {
    PatchType type;
    const char* text;
    const char* code;
  };
  for (const Case& each :
       {Case{PatchType::merge, R"({"spec": {"masts": 9}})", "Invalid"},
        Case{PatchType::json, R"([{"op": "test", "path": "/spec/name", "value": "x"}])", "Invalid"},
        Case{PatchType::json, R"([{"op": "remove", "path": "/spec/none"}])", "Invalid"},
        Case{PatchType::merge, R"({"metadata": {"name": "c"}})", "BadRequest"},
        Case{PatchType::strategic_merge, R"({"spec": {}})", "UnsupportedMediaType"}}) {
    const auto refused = patch(boats, "b", each.type, each.text);
    ASSERT_FALSE(refused) << each.text;
    EXPECT_EQ(refused.error().code, each.code) << each.text << refused.error().message;
  }
  EXPECT_EQ(patch(boats, "none", PatchType::merge, "{}").error().kind, ErrorKind::not_found);
}

TEST_F(Writes, that_are_tried_dry_change_nothing) {
  const net::Reply reply = call({.method = "POST",
                                 .target = "/api/v1/namespaces/default/configmaps?dryRun=All",
                                 .headers = {{"Content-Type", "application/json"}},
                                 .body = R"({"metadata": {"name": "a"}})"});
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(get("/api/v1/namespaces/default/configmaps/a").status, 404);
}

TEST_F(Writes, that_delete_wait_for_finalizers_and_keep_to_preconditions) {
  json::object wanted = boat("b");
  wanted["metadata"].as_object()["finalizers"] = json::array{"harbour.example/anchor"};
  const json::object made = create(boats, wanted);
  EXPECT_EQ(run(client_->remove(boats, {"default", "b"}, {.uid = "another"})).error().kind,
            ErrorKind::conflict);
  EXPECT_EQ(run(client_->remove(boats, {"default", "b"}, {.resource_version = "1"})).error().kind,
            ErrorKind::conflict);
  ASSERT_TRUE(run(client_->remove(boats, {"default", "b"}, {.uid = std::string(kube::uid_of(made))})));
  EXPECT_TRUE(kube::is_being_deleted(read(boats, "b")));
  EXPECT_FALSE(patch(boats, "b", PatchType::merge,
                     R"({"metadata": {"finalizers": ["harbour.example/anchor", "x/y"]}})"))
      << "what is being deleted gets no new finalizers";
  ASSERT_TRUE(patch(boats, "b", PatchType::merge, R"({"metadata": {"finalizers": null}})"));
  EXPECT_EQ(run(client_->get(boats, {"default", "b"})).error().kind, ErrorKind::not_found);
}

TEST_F(Writes, need_a_namespace_that_is_there) {
  json::object lost = boat("b");
  lost["metadata"].as_object()["namespace"] = "nowhere";
  const auto refused = run(client_->create(boats, lost));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::not_found);
  EXPECT_THAT(refused.error().message, HasSubstr("namespaces \"nowhere\" not found"));
}

TEST_F(Writes, of_wrong_names_are_refused) {
  for (const std::string name : {"Upper", "-a", "a_b", "a b", "ä"}) {
    const auto refused = run(client_->create(config_maps, object(name)));
    ASSERT_FALSE(refused) << name;
    EXPECT_THAT(refused.error().message, HasSubstr("metadata.name")) << name;
  }
  EXPECT_FALSE(run(client_->create(config_maps, object(std::string(254, 'a')))));
}

}  // namespace
}  // namespace apiserver
