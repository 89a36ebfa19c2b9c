#include "runtime/store.hpp"

#include <gtest/gtest.h>

namespace runtime {
namespace {

using Type = kube::WatchEvent::Type;

json::object object(std::string_view name, int version, json::object labels = {}) {
  return {{"metadata",
           {{"namespace", "demo"},
            {"name", name},
            {"resourceVersion", std::to_string(version)},
            {"labels", std::move(labels)}}}};
}

json::object being_deleted(std::string_view name, int version, json::array finalizers) {
  json::object result = object(name, version);
  core::set(result, {"metadata", "deletionTimestamp"}, "2026-01-31T10:00:00Z");
  core::set(result, {"metadata", "finalizers"}, std::move(finalizers));
  return result;
}

kube::List list_of(int version, std::vector<json::object> items) {
  return {.items = std::move(items), .resource_version = std::to_string(version)};
}

kube::WatchEvent event(Type type, json::object changed) {
  return {.type = type, .object = std::move(changed)};
}

void apply_written(Store& store, json::object written) {
  store.apply_written(std::make_shared<const json::object>(std::move(written)));
}

std::string version_of(const Store& store, const std::string& name) {
  const Object found = store.get({"demo", name});
  return found ? std::string(kube::resource_version_of(*found)) : "none";
}

// "+a", "~a", "-a" for each announced change.
class Announced {
 public:
  explicit Announced(Store& store) {
    store.on_change([this](const Change& change) {
      const char* const sign = !change.before ? "+" : !change.after ? "-" : "~";
      text_ += (text_.empty() ? "" : " ") + std::string(sign) + change.key().name;
    });
  }
  std::string take() { return std::exchange(text_, {}); }

 private:
  std::string text_;
};

TEST(Store, announces_what_came_changed_and_went) {
  Store store;
  Announced announced(store);
  store.replace(list_of(10, {object("a", 1), object("b", 2)}));
  EXPECT_EQ(announced.take(), "+a +b");
  store.apply_event(event(Type::modified, object("a", 11)));
  store.apply_event(event(Type::added, object("c", 12)));
  store.apply_event(event(Type::deleted, object("b", 13)));
  EXPECT_EQ(announced.take(), "~a +c -b");
  EXPECT_EQ(store.size(), 2U);
  EXPECT_EQ(store.get({"demo", "b"}), nullptr);
}

TEST(Store, announces_only_the_differences_of_a_new_list) {
  Store store;
  store.replace(list_of(10, {object("a", 1), object("b", 2), object("c", 3)}));
  Announced announced(store);
  EXPECT_EQ(announced.take(), "+a +b +c");
  store.replace(list_of(20, {object("a", 1), object("b", 15), object("d", 16)}));
  EXPECT_EQ(announced.take(), "~b +d -c");
}

TEST(Store, lists_by_key_and_by_namespace) {
  Store store;
  json::object elsewhere = object("a", 3);
  core::set(elsewhere, {"metadata", "namespace"}, "demo-2");
  store.replace(list_of(10, {object("b", 1), elsewhere, object("a", 2)}));
  std::string keys;
  for (const Object& item : store.list()) keys += kube::key_of(*item).to_string() + " ";
  EXPECT_EQ(keys, "demo/a demo/b demo-2/a ");
  EXPECT_EQ(store.list("demo").size(), 2U);
  EXPECT_EQ(store.list("dem").size(), 0U);
}

TEST(Store, keeps_its_indexes_up_to_date) {
  Store store;
  store.replace(list_of(10, {object("a", 1, {{"app", "x"}})}));
  store.add_index("app", [](const json::object& item) {
    return std::vector{std::string(core::find_string(item, {"metadata", "labels", "app"}))};
  });
  EXPECT_EQ(store.by_index("app", "x").size(), 1U);
  store.apply_event(event(Type::added, object("b", 11, {{"app", "x"}})));
  EXPECT_EQ(store.by_index("app", "x").size(), 2U);
  store.apply_event(event(Type::modified, object("a", 12, {{"app", "y"}})));
  EXPECT_EQ(store.by_index("app", "x").size(), 1U);
  EXPECT_EQ(kube::name_of(*store.by_index("app", "y").front()), "a");
  store.apply_event(event(Type::deleted, object("b", 13)));
  EXPECT_TRUE(store.by_index("app", "x").empty());
}

TEST(Store, shows_an_own_write_at_once_and_its_echo_is_no_change) {
  Store store;
  store.replace(list_of(10, {object("a", 1)}));
  Announced announced(store);
  announced.take();
  apply_written(store, object("a", 12));
  EXPECT_EQ(version_of(store, "a"), "12");
  EXPECT_EQ(announced.take(), "~a");
  store.apply_event(event(Type::modified, object("a", 12)));
  EXPECT_EQ(announced.take(), "");
}

TEST(Store, never_shows_anything_older_than_an_own_write) {
  Store store;
  store.replace(list_of(10, {object("a", 1)}));
  apply_written(store, object("a", 15));
  store.apply_event(event(Type::modified, object("a", 12)));
  EXPECT_EQ(version_of(store, "a"), "15");
  store.apply_event(event(Type::deleted, object("a", 13)));
  EXPECT_EQ(version_of(store, "a"), "15");
  store.replace(list_of(14, {object("a", 12)}));
  EXPECT_EQ(version_of(store, "a"), "15");
  store.apply_event(event(Type::modified, object("a", 16)));
  EXPECT_EQ(version_of(store, "a"), "16");
}

TEST(Store, keeps_an_own_creation_that_is_not_in_an_older_list) {
  Store store;
  store.replace(list_of(10, {}));
  apply_written(store, object("a", 15));
  store.replace(list_of(14, {}));
  EXPECT_EQ(version_of(store, "a"), "15");
  store.replace(list_of(16, {}));
  EXPECT_EQ(version_of(store, "a"), "none");
}

TEST(Store, forgets_at_once_what_an_own_write_made_go_and_late_events_do_not_bring_it_back) {
  Store store;
  store.replace(list_of(10, {being_deleted("a", 9, {"f"})}));
  Announced announced(store);
  announced.take();
  apply_written(store, being_deleted("a", 15, {}));
  EXPECT_EQ(announced.take(), "-a");
  store.apply_event(event(Type::modified, being_deleted("a", 12, {"f"})));
  store.replace(list_of(13, {being_deleted("a", 12, {"f"})}));
  EXPECT_EQ(version_of(store, "a"), "none");
  store.apply_event(event(Type::deleted, being_deleted("a", 15, {})));
  EXPECT_EQ(announced.take(), "");
  store.apply_event(event(Type::added, object("a", 16)));
  EXPECT_EQ(version_of(store, "a"), "16");
}

// kube-apiserver answers the write that removes the last finalizer with the version that was there before it.
TEST(Store, forgets_what_an_own_write_made_go_where_the_answer_has_the_version_of_before) {
  Store store;
  store.replace(list_of(10, {being_deleted("a", 9, {"f"})}));
  Announced announced(store);
  announced.take();
  apply_written(store, being_deleted("a", 9, {}));
  EXPECT_EQ(announced.take(), "-a");
  store.apply_event(event(Type::modified, being_deleted("a", 9, {"f"})));
  EXPECT_EQ(version_of(store, "a"), "none");
  store.apply_event(event(Type::deleted, being_deleted("a", 15, {})));
  EXPECT_EQ(announced.take(), "");
}

TEST(Store, is_not_fooled_by_an_answer_that_comes_after_the_watch_saw_the_object_go) {
  Store store;
  store.replace(list_of(10, {being_deleted("a", 9, {"f"})}));
  store.apply_event(event(Type::deleted, being_deleted("a", 15, {})));
  apply_written(store, being_deleted("a", 15, {}));
  apply_written(store, object("a", 14));
  EXPECT_EQ(version_of(store, "a"), "none");
}

TEST(Store, takes_an_older_list_for_the_truth_where_the_history_was_set_back) {
  Store store;
  store.replace(list_of(100, {object("a", 90), object("b", 91)}));
  store.replace(list_of(50, {object("a", 40)}));
  EXPECT_EQ(version_of(store, "a"), "40");
  EXPECT_EQ(version_of(store, "b"), "none");
  store.apply_event(event(Type::modified, object("a", 51)));
  EXPECT_EQ(version_of(store, "a"), "51");
}

}  // namespace
}  // namespace runtime
