#include "runtime/informer.hpp"

#include "loop.hpp"

namespace runtime {
namespace {

class InformerTest : public Loop {
 protected:
  InformerTest() {
    informer_.store().on_change([this](const Change& change) {
      const char* const sign = !change.before ? "+" : !change.after ? "-" : "~";
      announced_ += (announced_.empty() ? "" : " ") + std::string(sign) + change.key().name;
    });
  }

  std::string announced() { return std::exchange(announced_, {}); }
  std::size_t lists() const { return api_.count_requests("GET", "configmaps?limit"); }
  std::size_t watches_opened() const { return api_.count_requests("GET", "watch=true"); }
  static core::Error refused() {
    return {.kind = core::ErrorKind::unavailable, .message = "connection refused"};
  }

  static constexpr std::chrono::milliseconds longest_backoff = 30s;

  std::string announced_;
  Informer informer_{io_.get_executor(), client_, clock_, kube::resources::config_maps};
};

TEST_F(InformerTest, lists_and_then_follows_the_changes) {
  api_.put(config_maps, object("a"));
  EXPECT_FALSE(informer_.has_synced());
  start(informer_.run());
  EXPECT_TRUE(informer_.has_synced());
  EXPECT_EQ(announced(), "+a");
  api_.put(config_maps, object("b"));
  api_.put(config_maps, object("a"));
  settle();
  EXPECT_EQ(announced(), "+b ~a");
  api_.erase(config_maps, "demo", "b");
  settle();
  EXPECT_EQ(announced(), "-b");
  EXPECT_EQ(lists(), 1U);
}

TEST_F(InformerTest, tells_every_task_that_waits_when_it_has_synced) {
  int synced = 0;
  const auto wait = [](Informer& informer, int& count) -> async::Task<> {
    co_await informer.wait_until_synced();
    ++count;
  };
  tasks_.spawn("first", wait(informer_, synced));
  tasks_.spawn("second", wait(informer_, synced));
  settle();
  EXPECT_EQ(synced, 0);
  start(informer_.run());
  EXPECT_EQ(synced, 2);
}

TEST_F(InformerTest, watches_on_from_where_a_lost_connection_ended) {
  start(informer_.run());
  api_.put(config_maps, object("a"));
  settle();
  announced();
  api_.break_watches();
  settle();
  api_.put(config_maps, object("b"));
  pass(longest_backoff);
  EXPECT_EQ(announced(), "+b");
  EXPECT_EQ(lists(), 1U);
  EXPECT_EQ(watches_opened(), 2U);
}

TEST_F(InformerTest, opens_the_next_watch_at_once_where_one_ends_regularly) {
  start(informer_.run());
  api_.put(config_maps, object("a"));
  settle();
  api_.end_watches();
  settle();
  EXPECT_EQ(watches_opened(), 2U);
  EXPECT_EQ(lists(), 1U);
}

TEST_F(InformerTest, does_not_run_in_circles_where_watches_end_at_once) {
  start(informer_.run());
  for (int i = 0; i < 3; ++i) {
    api_.end_watches();
    settle();
  }
  EXPECT_LE(watches_opened(), 2U);
}

TEST_F(InformerTest, lists_again_when_its_version_is_too_old_and_announces_only_differences) {
  for (const char* name : {"a", "b", "c"}) api_.put(config_maps, object(name));
  start(informer_.run());
  announced();
  api_.hold_events(true);
  api_.put(config_maps, object("b"));
  api_.erase(config_maps, "demo", "c");
  api_.put(config_maps, object("d"));
  api_.compact();
  api_.hold_events(false);
  api_.break_watches();
  pass(longest_backoff);
  EXPECT_EQ(announced(), "~b +d -c");
  EXPECT_EQ(lists(), 2U);
  api_.put(config_maps, object("e"));
  settle();
  EXPECT_EQ(announced(), "+e");
}

TEST_F(InformerTest, goes_on_from_a_bookmark_after_the_history_before_it_is_gone) {
  start(informer_.run());
  api_.put("/api/v1/secrets", object("other"));
  api_.send_bookmarks();
  settle();
  api_.compact();
  api_.break_watches();
  pass(longest_backoff);
  api_.put(config_maps, object("a"));
  settle();
  EXPECT_EQ(announced(), "+a");
  EXPECT_EQ(lists(), 1U);
}

TEST_F(InformerTest, keeps_its_content_and_tries_less_and_less_often_while_the_server_is_down) {
  api_.put(config_maps, object("a"));
  start(informer_.run());
  api_.fail_next(refused(), 1000);
  api_.break_watches();
  for (int i = 0; i < 600; ++i) pass(1s);
  EXPECT_EQ(informer_.store().size(), 1U);
  // 600 s at 15 to 30 s each, after a few shorter ones.
  EXPECT_GE(watches_opened(), 20U);
  EXPECT_LE(watches_opened(), 55U);
}

TEST_F(InformerTest, syncs_late_where_the_first_lists_fail) {
  api_.put(config_maps, object("a"));
  api_.fail_next(refused(), 2);
  api_.answer_next(403, R"({"kind":"Status","reason":"Forbidden","code":403,"message":"no"})");
  start(informer_.run());
  EXPECT_FALSE(informer_.has_synced());
  for (int i = 0; i < 3; ++i) pass(longest_backoff);
  EXPECT_TRUE(informer_.has_synced());
  EXPECT_EQ(announced(), "+a");
}

TEST_F(InformerTest, gives_up_a_watch_that_says_nothing_beyond_its_time) {
  start(informer_.run());
  EXPECT_EQ(watches_opened(), 1U);
  pass(290s);
  EXPECT_EQ(watches_opened(), 1U);
  pass(30s);
  pass(longest_backoff);
  EXPECT_EQ(watches_opened(), 2U);
  EXPECT_EQ(lists(), 1U);
}

TEST_F(InformerTest, takes_the_list_of_a_restored_server_whose_history_was_set_back) {
  for (const char* name : {"a", "b"}) api_.put(config_maps, object(name));
  start(informer_.run());
  announced();
  api_.set_back(50);
  api_.put(config_maps, object("a"));
  api_.put(config_maps, object("c"));
  api_.answer_next(
      504, R"({"kind":"Status","reason":"Timeout","code":504,"message":"Too large resource version"})");
  api_.break_watches();
  pass(longest_backoff);
  pass(longest_backoff);
  EXPECT_EQ(lists(), 2U);
  EXPECT_EQ(announced(), "~a +c");
}

TEST_F(InformerTest, drops_managed_fields) {
  json::object managed = object("a");
  core::set(managed, {"metadata", "managedFields"}, json::array{json::object{{"manager", "kubectl"}}});
  api_.put(config_maps, managed);
  start(informer_.run());
  api_.put(config_maps, managed);
  settle();
  EXPECT_EQ(core::find(*informer_.store().get({"demo", "a"}), {"metadata", "managedFields"}), nullptr);
}

TEST_F(InformerTest, announces_everything_again_at_each_resync) {
  Informer resyncing(io_.get_executor(), client_, clock_, kube::resources::config_maps, {.resync = 60s});
  std::string seen;
  resyncing.store().on_change(
      [&seen](const Change& change) { seen += change.before == change.after ? "=" : "+"; });
  api_.put(config_maps, object("a"));
  start(resyncing.run());
  EXPECT_EQ(seen, "+");
  pass(60s);
  EXPECT_EQ(seen, "+=");
  pass(60s);
  EXPECT_EQ(seen, "+==");
  tasks_.cancel();
  settle();
}

TEST_F(InformerTest, keeps_an_own_write_as_it_keeps_what_it_reads) {
  start(informer_.run());
  json::object written = object("a", "700");
  core::set(written, {"metadata", "managedFields"}, json::array{json::object{{"manager", "test"}}});
  const Object kept = informer_.apply_written(written);
  EXPECT_EQ(*kept, object("a", "700"));
  EXPECT_EQ(informer_.store().get({"demo", "a"}), kept) << "one object, not two";
}

TEST_F(InformerTest, does_not_show_what_is_older_than_an_own_write_while_its_watch_is_slow) {
  const json::object created = api_.put(config_maps, object("a"));
  start(informer_.run());
  api_.hold_events(true);
  json::object by_other = api_.put(config_maps, object("a"));
  json::object own = api_.put(config_maps, object("a"));
  informer_.apply_written(own);
  announced();
  api_.hold_events(false);
  settle();
  EXPECT_EQ(announced(), "") << "the events of both writes came, neither is news";
  EXPECT_EQ(kube::resource_version_of(*informer_.store().get({"demo", "a"})), kube::resource_version_of(own));
}

}  // namespace
}  // namespace runtime
