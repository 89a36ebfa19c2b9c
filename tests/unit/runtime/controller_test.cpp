#include "runtime/controller.hpp"

#include <deque>
#include <set>

#include "loop.hpp"

namespace runtime {
namespace {

// Answers as the test says; waits where it says so.
class ScriptedReconciler final : public Reconciler {
 public:
  explicit ScriptedReconciler(asio::any_io_executor executor) : gate_(std::move(executor)) {}

  async::Task<core::Result<Next>> reconcile(ObjectKey key) override {
    ++calls_;
    EXPECT_TRUE(active_.insert(key).second) << key.to_string() << " is reconciled twice at a time";
    most_active_ = std::max(most_active_, active_.size());
    struct Leave {
      std::set<ObjectKey>& active;
      ObjectKey key;
      ~Leave() { active.erase(key); }
    } const leave{active_, key};
    while (closed_) co_await gate_.wait();
    if (throws_) throw std::runtime_error("a bug");
    if (answers_.empty()) co_return Next::done();
    core::Result<Next> answer = std::move(answers_.front());
    answers_.pop_front();
    co_return answer;
  }

  void close() { closed_ = true; }
  void open() {
    closed_ = false;
    gate_.notify();
  }

  std::deque<core::Result<Next>> answers_;
  bool throws_ = false;
  int calls_ = 0;
  std::set<ObjectKey> active_;
  std::size_t most_active_ = 0;

 private:
  bool closed_ = false;
  async::Event gate_;
};

core::Error error(core::ErrorKind kind) {
  return {.kind = kind, .message = "what went wrong"};
}

class ControllerTest : public Loop {
 protected:
  static ObjectKey key(std::string name) { return {.namespace_ = "demo", .name = std::move(name)}; }

  core::Metrics metrics_;
  std::vector<std::string> refusals_;
  ScriptedReconciler reconciler_{io_.get_executor()};
  Controller controller_{io_.get_executor(),
                         clock_,
                         reconciler_,
                         {.name = "test",
                          .concurrency = 3,
                          .backoff = {.initial = 100ms, .maximum = 1s, .factor = 2, .jitter = 0},
                          .metrics = &metrics_,
                          .group_of = {},
                          .on_refusal = [this](const ObjectKey& of, const core::Error& refusal) {
                            refusals_.push_back(of.to_string() + ": " + refusal.message);
                          }}};
};

TEST_F(ControllerTest, reconciles_so_many_keys_at_a_time_and_never_one_twice) {
  start(controller_.run());
  reconciler_.close();
  for (const char* name : {"a", "b", "c", "d", "e"}) controller_.enqueue(key(name));
  settle();
  EXPECT_EQ(reconciler_.active_.size(), 3U);
  controller_.enqueue(key("a"));
  settle();
  reconciler_.open();
  settle();
  EXPECT_EQ(reconciler_.calls_, 6) << "a, which changed meanwhile, comes again";
  EXPECT_EQ(reconciler_.most_active_, 3U);
}

TEST_F(ControllerTest, comes_back_after_the_time_that_a_reconcile_asks_for) {
  start(controller_.run());
  reconciler_.answers_.emplace_back(Next::after(10s));
  controller_.enqueue(key("a"));
  settle();
  EXPECT_EQ(reconciler_.calls_, 1);
  pass(9999ms);
  EXPECT_EQ(reconciler_.calls_, 1);
  pass(1ms);
  EXPECT_EQ(reconciler_.calls_, 2);
  pass(1h);
  EXPECT_EQ(reconciler_.calls_, 2);
}

TEST_F(ControllerTest, retries_with_backoff_what_may_work_later) {
  for (const auto kind : {core::ErrorKind::unavailable, core::ErrorKind::timeout, core::ErrorKind::throttled,
                          core::ErrorKind::conflict, core::ErrorKind::internal}) {
    EXPECT_TRUE(is_transient(error(kind))) << core::to_string(kind);
  }
  start(controller_.run());
  reconciler_.answers_.emplace_back(core::fail(error(core::ErrorKind::unavailable)));
  reconciler_.answers_.emplace_back(core::fail(error(core::ErrorKind::conflict)));
  controller_.enqueue(key("a"));
  settle();
  pass(100ms);
  EXPECT_EQ(reconciler_.calls_, 2);
  pass(199ms);
  EXPECT_EQ(reconciler_.calls_, 2);
  pass(1ms);
  EXPECT_EQ(reconciler_.calls_, 3);
  EXPECT_EQ(controller_.queue().failures(key("a")), 0U) << "success starts the backoff afresh";
}

TEST_F(ControllerTest, does_not_come_back_sooner_than_the_other_side_wants) {
  start(controller_.run());
  core::Error throttled = error(core::ErrorKind::throttled);
  throttled.retry_after = 30s;
  reconciler_.answers_.emplace_back(core::fail(throttled));
  controller_.enqueue(key("a"));
  pass(29s);
  EXPECT_EQ(reconciler_.calls_, 1);
  pass(1s);
  EXPECT_EQ(reconciler_.calls_, 2);
}

TEST_F(ControllerTest, retries_what_somebody_may_have_to_repair_and_tells_it_when_it_comes_again) {
  for (const auto kind : {core::ErrorKind::invalid, core::ErrorKind::forbidden, core::ErrorKind::not_found,
                          core::ErrorKind::unprocessable}) {
    EXPECT_FALSE(is_transient(error(kind))) << core::to_string(kind);
  }
  start(controller_.run());
  for (int i = 0; i < 3; ++i)
    reconciler_.answers_.emplace_back(core::fail(error(core::ErrorKind::forbidden)));
  controller_.enqueue(key("a"));
  settle();
  EXPECT_TRUE(refusals_.empty()) << "it may be about an object that is just going";
  pass(100ms);
  EXPECT_EQ(refusals_, (std::vector<std::string>{"demo/a: what went wrong"}));
  pass(200ms);
  EXPECT_EQ(refusals_.size(), 2U);
  pass(400ms);
  EXPECT_EQ(reconciler_.calls_, 4);
  EXPECT_NE(metrics_.render().find(R"(runtime_reconcile_total{controller="test",result="failed"} 3)"),
            std::string::npos);
  reconciler_.answers_.emplace_back(core::fail(error(core::ErrorKind::conflict)));
  reconciler_.answers_.emplace_back(core::fail(error(core::ErrorKind::conflict)));
  controller_.enqueue(key("a"));
  pass(1s);
  EXPECT_EQ(refusals_.size(), 2U) << "nobody has to repair anything";
}

TEST_F(ControllerTest, survives_an_exception_and_tries_again) {
  start(controller_.run());
  reconciler_.throws_ = true;
  controller_.enqueue(key("a"));
  settle();
  reconciler_.throws_ = false;
  EXPECT_EQ(reconciler_.calls_, 1);
  pass(100ms);
  EXPECT_EQ(reconciler_.calls_, 2);
}

TEST_F(ControllerTest, cancels_a_reconcile_that_takes_too_long_and_tries_again) {
  start(controller_.run());
  reconciler_.close();
  controller_.enqueue(key("a"));
  settle();
  EXPECT_EQ(reconciler_.active_.size(), 1U);
  pass(5min);
  EXPECT_EQ(reconciler_.active_.size(), 0U);
  reconciler_.open();
  pass(100ms);
  EXPECT_EQ(reconciler_.calls_, 2);
}

TEST_F(ControllerTest, cancels_reconciles_under_way_when_it_is_cancelled_and_can_run_again) {
  start(controller_.run());
  reconciler_.close();
  controller_.enqueue(key("a"));
  settle();
  tasks_.cancel();
  settle();
  EXPECT_EQ(tasks_.size(), 0U);
  EXPECT_EQ(reconciler_.active_.size(), 0U);

  reconciler_.open();
  async::TaskGroup second_life(io_.get_executor());
  second_life.spawn("controller", controller_.run());
  controller_.enqueue(key("a"));
  settle();
  EXPECT_EQ(reconciler_.calls_, 2);
  second_life.cancel();
  settle();
}

TEST_F(ControllerTest, starts_when_each_informer_has_synced_and_follows_their_changes) {
  Informer informer(io_.get_executor(), client_, clock_, kube::resources::config_maps);
  Informer other(io_.get_executor(), client_, clock_, kube::resources::secrets);
  controller_.watch(informer);
  controller_.watch(other, [](const Change& change) {
    return change.key().name == "interesting" ? std::vector{ObjectKey{"demo", "mapped"}}
                                              : std::vector<ObjectKey>();
  });
  api_.put(config_maps, object("a"));
  tasks_.spawn("controller", controller_.run());
  start(informer.run());
  EXPECT_EQ(reconciler_.calls_, 0);
  start(other.run());
  EXPECT_EQ(reconciler_.calls_, 1);
  api_.put(config_maps, object("a"));
  api_.put("/api/v1/secrets", object("boring"));
  api_.put("/api/v1/secrets", object("interesting"));
  settle();
  EXPECT_EQ(reconciler_.calls_, 3);
  api_.erase(config_maps, "demo", "a");
  settle();
  EXPECT_EQ(reconciler_.calls_, 4);
  tasks_.cancel();
  settle();
}

TEST_F(ControllerTest, counts_its_results) {
  start(controller_.run());
  reconciler_.answers_.emplace_back(core::fail(error(core::ErrorKind::unavailable)));
  controller_.enqueue(key("a"));
  pass(100ms);
  const std::string text = metrics_.render();
  EXPECT_NE(text.find(R"(runtime_reconcile_total{controller="test",result="retry"} 1)"), std::string::npos)
      << text;
  EXPECT_NE(text.find(R"(runtime_reconcile_total{controller="test",result="done"} 1)"), std::string::npos)
      << text;
}

// The whole of it: writes, a watch that lags behind, and a reconciler that must not act on what it has
// changed already.
class CountingReconciler final : public Reconciler {
 public:
  CountingReconciler(kube::Client& client, Informer& informer) : client_(client), informer_(informer) {}

  async::Task<core::Result<Next>> reconcile(ObjectKey key) override {
    const Object object = informer_.store().get(key);
    if (!object || core::find(*object, {"data", "done"}) != nullptr) co_return Next::done();
    json::value patch{{"metadata", {{"resourceVersion", kube::resource_version_of(*object)}}},
                      {"data", {{"done", "yes"}}}};
    auto written =
        co_await client_.patch(informer_.resource(), key, kube::PatchType::merge, std::move(patch));
    ++writes_;
    if (!written) co_return core::fail(std::move(written.error()));
    informer_.apply_written(std::move(*written));
    co_return Next::done();
  }

  int writes_ = 0;

 private:
  kube::Client& client_;
  Informer& informer_;
};

TEST_F(ControllerTest, does_not_act_twice_on_an_object_whose_change_the_watch_has_not_shown_yet) {
  Informer informer(io_.get_executor(), client_, clock_, kube::resources::config_maps);
  CountingReconciler reconciler(client_, informer);
  Controller controller(io_.get_executor(), clock_, reconciler, {.name = "counting"});
  controller.watch(informer);
  tasks_.spawn("controller", controller.run());
  start(informer.run());
  api_.put(config_maps, object("a"));
  api_.hold_events(true);
  settle();
  for (int i = 0; i < 3; ++i) {
    controller.enqueue(key("a"));
    settle();
  }
  EXPECT_EQ(reconciler.writes_, 1);
  api_.hold_events(false);
  settle();
  EXPECT_EQ(reconciler.writes_, 1);
  tasks_.cancel();
  settle();
}

}  // namespace
}  // namespace runtime
