#include "runtime/finalizers.hpp"

#include "loop.hpp"
#include "testing/run.hpp"

namespace runtime {
namespace {

using Finalizers = Loop;

std::vector<std::string> finalizers_of(const json::object& object) {
  std::vector<std::string> names;
  if (const json::array* entries = core::find_array(object, {"metadata", "finalizers"})) {
    for (const json::value& entry : *entries) names.emplace_back(entry.as_string());
  }
  return names;
}

json::object with_finalizers(json::object object, json::array finalizers) {
  core::set(object, {"metadata", "finalizers"}, std::move(finalizers));
  return object;
}

TEST_F(Finalizers, are_added_and_removed_with_the_version_that_was_decided_on) {
  const json::object bare = object("a", "7");
  EXPECT_EQ(core::to_text(*patch_adding_finalizer(bare, "x")),
            R"({"metadata":{"finalizers":["x"],"resourceVersion":"7"}})");
  const json::object both = with_finalizers(object("a", "8"), {"x", "y"});
  EXPECT_EQ(core::to_text(*patch_removing_finalizer(both, "x")),
            R"({"metadata":{"finalizers":["y"],"resourceVersion":"8"}})");
  EXPECT_EQ(patch_adding_finalizer(both, "x"), std::nullopt);
  EXPECT_EQ(patch_removing_finalizer(bare, "x"), std::nullopt);
}

TEST_F(Finalizers, are_written_to_the_server) {
  const json::object stored = api_.put(config_maps, with_finalizers(object("a"), {"x"}));
  const auto added = fakes::run(io_, add_finalizer(client_, kube::resources::config_maps, stored, "y"));
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(finalizers_of(*api_.find(config_maps, "demo", "a")), (std::vector<std::string>{"x", "y"}));
  const auto removed = fakes::run(io_, remove_finalizer(client_, kube::resources::config_maps, *added, "x"));
  ASSERT_TRUE(removed);
  EXPECT_EQ(finalizers_of(*api_.find(config_maps, "demo", "a")), (std::vector<std::string>{"y"}));
}

TEST_F(Finalizers, cost_no_request_where_there_is_nothing_to_do) {
  const json::object stored = api_.put(config_maps, with_finalizers(object("a"), {"x"}));
  EXPECT_EQ(fakes::run(io_, add_finalizer(client_, kube::resources::config_maps, stored, "x")).value(),
            stored);
  EXPECT_EQ(fakes::run(io_, remove_finalizer(client_, kube::resources::config_maps, stored, "y")).value(),
            stored);
  EXPECT_TRUE(api_.requests().empty());
}

TEST_F(Finalizers, are_not_written_over_another_writers_change) {
  const json::object old = api_.put(config_maps, object("a"));
  api_.put(config_maps, with_finalizers(object("a"), {"of-another"}));
  const auto added = fakes::run(io_, add_finalizer(client_, kube::resources::config_maps, old, "x"));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, core::ErrorKind::conflict);
  EXPECT_EQ(finalizers_of(*api_.find(config_maps, "demo", "a")), (std::vector<std::string>{"of-another"}));
}

TEST_F(Finalizers, let_an_object_go_when_the_last_one_is_removed_and_do_not_mind_that_it_has_gone) {
  api_.put(config_maps, with_finalizers(object("a"), {"x"}));
  ASSERT_TRUE(fakes::run(io_, client_.remove(kube::resources::config_maps, {"demo", "a"})));
  const json::object deleted = *api_.find(config_maps, "demo", "a");
  EXPECT_TRUE(kube::is_being_deleted(deleted));
  ASSERT_TRUE(fakes::run(io_, remove_finalizer(client_, kube::resources::config_maps, deleted, "x")));
  EXPECT_EQ(api_.find(config_maps, "demo", "a"), nullptr);
  const auto again = fakes::run(io_, remove_finalizer(client_, kube::resources::config_maps, deleted, "x"));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->empty());
}

}  // namespace
}  // namespace runtime
