// Watches and lists against a whole control plane.
#include "api_server.hpp"

namespace apiserver {
namespace {

using namespace std::chrono_literals;
using core::ErrorKind;
using testing::ElementsAre;

class Watches : public ApiServer {
 protected:
  std::unique_ptr<kube::Watch> watch(std::string from, kube::WatchOptions options = {}) {
    options.resource_version = std::move(from);
    auto started = run(client_->watch(config_maps, "default", std::move(options)));
    if (!started) throw std::runtime_error(started.error().message);
    return std::move(*started);
  }
  std::string next(kube::Watch& watch) {
    std::string told;
    run(read(watch, told));
    return told;
  }
  // While a second passes at each turn of the loop.
  std::string next_in_time(kube::Watch& watch) {
    std::string told;
    tasks_->spawn("next event", read(watch, told));
    EXPECT_TRUE(until([&] {
      clock_.advance(1s);
      return !told.empty();
    }));
    return told;
  }
  static async::Task<> read(kube::Watch& watch, std::string& told) {
    const auto event = co_await watch.next();
    told = described(event);
  }
  static std::string described(const core::Result<std::optional<kube::WatchEvent>>& event) {
    if (!event) return "error " + std::string(core::to_string(event.error().kind));
    if (!*event) return "end";
    constexpr const char* names[] = {"added ", "modified ", "deleted ", "bookmark "};
    return names[static_cast<int>((*event)->type)] + std::string(kube::name_of((*event)->object));
  }
  std::string version_now() { return run(client_->list(config_maps, "default")).value().resource_version; }
  json::object change(std::string_view name, std::string_view value) {
    json::value patch = json::object{{"data", json::object{{"key", value}}}};
    auto patched = run(client_->patch(config_maps, {"default", std::string(name)}, kube::PatchType::merge,
                                      std::move(patch)));
    if (!patched) throw std::runtime_error(patched.error().message);
    return std::move(*patched);
  }
};

TEST_F(Watches, tell_what_happened_and_what_happens_in_order) {
  const std::string start = version_now();
  create(config_maps, object("a"));
  change("a", "1");
  const auto watching = watch(start);
  EXPECT_EQ(next(*watching), "added a");
  EXPECT_EQ(next(*watching), "modified a");
  create(config_maps, object("b"));
  ASSERT_TRUE(run(client_->remove(config_maps, {"default", "a"})));
  EXPECT_EQ(next(*watching), "added b");
  EXPECT_EQ(next(*watching), "deleted a");
}

TEST_F(Watches, go_on_over_a_restart) {
  const std::string start = version_now();
  create(config_maps, object("a"));
  reopen();
  const auto watching = watch(start);
  EXPECT_EQ(next(*watching), "added a");
}

TEST_F(Watches, with_a_selector_tell_of_what_comes_into_it_and_leaves_it) {
  const std::string start = version_now();
  const auto labelled = [](std::string_view name, std::string_view colour) {
    json::object made = object(name);
    made["metadata"].as_object()["labels"] = json::object{{"colour", colour}};
    return made;
  };
  create(config_maps, labelled("a", "red"));
  create(config_maps, labelled("b", "blue"));
  const auto watching = watch(start, {.label_selector = "colour=red"});
  EXPECT_EQ(next(*watching), "added a");
  json::value patch = *core::parse_json(R"({"metadata": {"labels": {"colour": "red"}}})");
  ASSERT_TRUE(run(client_->patch(config_maps, {"default", "b"}, kube::PatchType::merge, patch)));
  EXPECT_EQ(next(*watching), "added b");
  patch = *core::parse_json(R"({"metadata": {"labels": null}})");
  ASSERT_TRUE(run(client_->patch(config_maps, {"default", "a"}, kube::PatchType::merge, patch)));
  EXPECT_EQ(next(*watching), "deleted a");
}

TEST_F(Watches, send_bookmarks_and_end_when_their_time_is_over) {
  const auto watching = watch(version_now(), {.timeout = 90s});
  EXPECT_EQ(next_in_time(*watching), "bookmark ");
  std::string last = next_in_time(*watching);
  while (last == "bookmark ") last = next_in_time(*watching);
  EXPECT_EQ(last, "end");
}

TEST_F(Watches, from_before_the_compaction_are_gone_and_so_are_old_pages) {
  for (const char* name : {"a", "b", "c"}) create(config_maps, object(name));
  const std::string old = version_now();
  const auto page = core::parse_json(get("/api/v1/namespaces/default/configmaps?limit=1").body);
  const std::string token(core::find_string(*page, {"metadata", "continue"}));
  ASSERT_FALSE(token.empty());
  const std::string next_page = "/api/v1/namespaces/default/configmaps?limit=1&continue=" + token;
  EXPECT_EQ(get(next_page).status, 200);

  for (int i = 0; i < 5; ++i) change("a", std::to_string(i));
  clock_.advance(10min);
  change("a", "later");
  const auto compacted = [&] {
    clock_.advance(1min);
    const auto reply = get(next_page);
    return reply.status == 410;
  };
  ASSERT_TRUE(until(compacted));
  EXPECT_EQ(core::find_string(*core::parse_json(get(next_page).body), {"reason"}), "Expired");
  const auto watching = watch(old);
  EXPECT_EQ(next(*watching), "error gone");
  // The client's list reads everything anew.
  EXPECT_EQ(run(client_->list(config_maps, "default", {.limit = 2})).value().items.size(), 3U);
}

TEST_F(Watches, ask_for_no_future_and_no_nonsense) {
  for (const char* query :
       {"?watch=1&resourceVersion=x", "?watch=1&resourceVersion=-3", "?limit=x", "?continue=garbage&limit=1",
        "?labelSelector=a+in+(", "?fieldSelector=spec.colour=x"}) {
    const net::Reply reply = get("/api/v1/namespaces/default/configmaps" + std::string(query));
    EXPECT_EQ(reply.status, 400) << query << reply.body;
    EXPECT_EQ(core::find_string(*core::parse_json(reply.body), {"kind"}), "Status");
  }
}

TEST_F(Watches, of_a_list_s_pages_see_one_moment) {
  for (int i = 0; i < 7; ++i) create(config_maps, object("c" + std::to_string(i)));
  auto page = core::parse_json(get("/api/v1/namespaces/default/configmaps?limit=3").body);
  EXPECT_EQ(core::find_int(*page, {"metadata", "remainingItemCount"}), 4);
  ASSERT_TRUE(run(client_->remove(config_maps, {"default", "c5"})));
  create(config_maps, object("c55"));
  std::vector<std::string> names;
  while (true) {
    for (const json::value& item : page->at("items").as_array())
      names.emplace_back(kube::name_of(item.as_object()));
    const std::string token(core::find_string(*page, {"metadata", "continue"}));
    if (token.empty()) break;
    page = core::parse_json(get("/api/v1/namespaces/default/configmaps?limit=3&continue=" + token).body);
  }
  EXPECT_THAT(names, ElementsAre("c0", "c1", "c2", "c3", "c4", "c5", "c6"));
}

}  // namespace
}  // namespace apiserver
