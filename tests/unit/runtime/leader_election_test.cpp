#include "runtime/leader_election.hpp"

#include "async/event.hpp"
#include "loop.hpp"

namespace runtime {
namespace {

constexpr const char* leases = "/apis/coordination.k8s.io/v1/leases";

// A process that wants to lead.
struct Candidate {
  Candidate(asio::any_io_executor executor, kube::Client& client, async::Clock& clock, std::string identity)
      : elector(executor, client, clock,
                {.namespace_ = "catalog", .name = "controller", .identity = std::move(identity)}),
        end(executor),
        tasks(std::move(executor)) {}

  async::Task<> lead() {
    leading = true;
    struct Stop {
      bool& leading;
      ~Stop() { leading = false; }
    } const stop{leading};
    co_await end.wait();
  }
  async::Task<> campaign() {
    outcome = co_await elector.run([this] { return lead(); });
  }
  void start() { tasks.spawn("campaign", campaign()); }

  LeaderElector elector;
  async::Event end;
  bool leading = false;
  std::optional<core::Result<>> outcome;
  async::TaskGroup tasks;
};

class LeaderElectionTest : public Loop {
 protected:
  void TearDown() override {
    for (Candidate* candidate : {&first_, &second_}) candidate->tasks.cancel();
    settle();
    pass(10s);
    EXPECT_EQ(first_.tasks.size() + second_.tasks.size(), 0U);
    Loop::TearDown();
  }
  void pass_in_steps(std::chrono::seconds duration) {
    for (auto passed = 0s; passed < duration; ++passed) {
      pass(1s);
      EXPECT_FALSE(first_.leading && second_.leading);
    }
  }
  std::string_view in_lease(std::string_view field) const {
    return core::find_string(*api_.find(leases, "catalog", "controller"), {"spec", field});
  }

  kube::Client second_client_{api_, "test"};
  Candidate first_{io_.get_executor(), client_, clock_, "first"};
  Candidate second_{io_.get_executor(), second_client_, clock_, "second"};
};

TEST_F(LeaderElectionTest, makes_the_lease_and_leads) {
  first_.start();
  settle();
  EXPECT_TRUE(first_.leading);
  EXPECT_TRUE(first_.elector.is_leader());
  EXPECT_EQ(core::to_text(*core::find(*api_.find(leases, "catalog", "controller"), {"spec"})),
            R"({"holderIdentity":"first","acquireTime":"2026-01-31T10:00:00.000000Z","leaseTransitions":0,)"
            R"("leaseDurationSeconds":15,"renewTime":"2026-01-31T10:00:00.000000Z"})");
}

TEST_F(LeaderElectionTest, lets_one_lead_and_the_other_wait_as_long_as_the_lease_is_renewed) {
  first_.start();
  settle();
  second_.start();
  pass_in_steps(60s);
  EXPECT_TRUE(first_.leading);
  EXPECT_FALSE(second_.leading);
  EXPECT_EQ(second_.elector.observed_leader(), "first");
  EXPECT_EQ(in_lease("renewTime"), "2026-01-31T10:01:00.000000Z");
  EXPECT_EQ(in_lease("acquireTime"), "2026-01-31T10:00:00.000000Z");
}

TEST_F(LeaderElectionTest, takes_over_at_once_what_a_leader_gives_back_when_it_is_cancelled) {
  first_.start();
  settle();
  second_.start();
  pass_in_steps(5s);
  first_.tasks.cancel();
  settle();
  EXPECT_FALSE(first_.leading);
  EXPECT_EQ(in_lease("holderIdentity"), "");
  pass_in_steps(2s);
  EXPECT_TRUE(second_.leading);
  EXPECT_EQ(core::find_int(*api_.find(leases, "catalog", "controller"), {"spec", "leaseTransitions"}), 1);
}

TEST_F(LeaderElectionTest, gives_the_lease_back_when_the_work_has_come_to_its_end) {
  first_.start();
  settle();
  first_.end.notify();
  settle();
  ASSERT_TRUE(first_.outcome);
  EXPECT_TRUE(first_.outcome->has_value());
  EXPECT_EQ(in_lease("holderIdentity"), "");
}

TEST_F(LeaderElectionTest, takes_a_lease_over_only_after_its_duration_passed_on_the_own_clock) {
  // Its holder died; its clock was an hour ahead, which must not count.
  api_.put(leases, {{"metadata", {{"namespace", "catalog"}, {"name", "controller"}}},
                    {"spec",
                     {{"holderIdentity", "dead"},
                      {"leaseDurationSeconds", 15},
                      {"leaseTransitions", 4},
                      {"renewTime", "2026-01-31T09:00:00.000000Z"}}}});
  first_.start();
  pass_in_steps(14s);
  EXPECT_FALSE(first_.leading);
  pass_in_steps(4s);
  EXPECT_TRUE(first_.leading);
  EXPECT_EQ(core::find_int(*api_.find(leases, "catalog", "controller"), {"spec", "leaseTransitions"}), 5);
}

TEST_F(LeaderElectionTest, stops_leading_before_another_may_start_when_it_cannot_renew) {
  first_.start();
  settle();
  api_.fail_next({.kind = core::ErrorKind::unavailable, .message = "connection refused"}, 1000);
  pass_in_steps(9s);
  EXPECT_TRUE(first_.leading) << "a short outage is not a reason to stop";
  pass_in_steps(1s);
  EXPECT_FALSE(first_.leading);
  ASSERT_TRUE(first_.outcome);
  EXPECT_EQ(first_.outcome->error().kind, core::ErrorKind::unavailable);
  EXPECT_NE(first_.outcome->error().message.find("catalog/controller was lost: not renewed in time"),
            std::string::npos)
      << first_.outcome->error().message;
}

// As components do: their own tasks are joined, and the cancellation state is reset on the way.
async::Task<> lead_with_tasks(asio::any_io_executor executor, async::Event& end) {
  async::TaskGroup tasks(std::move(executor));
  tasks.spawn("waits", end.wait());
  co_await tasks.join();
}

TEST_F(LeaderElectionTest, tells_that_the_lease_was_lost_also_when_what_it_led_had_tasks_of_its_own) {
  std::optional<core::Result<>> outcome;
  const auto campaign = [](LeaderElector& elector, std::function<async::Task<>()> lead,
                           std::optional<core::Result<>>& result) -> async::Task<> {
    result = co_await elector.run(std::move(lead));
  };
  std::function<async::Task<>()> lead = [this] { return lead_with_tasks(io_.get_executor(), first_.end); };
  start(campaign(first_.elector, std::move(lead), outcome));
  api_.fail_next({.kind = core::ErrorKind::unavailable, .message = "connection refused"}, 1000);
  pass_in_steps(11s);
  ASSERT_TRUE(outcome) << "its supervisor would wait for ever";
  EXPECT_EQ(outcome->error().kind, core::ErrorKind::unavailable);
}

TEST_F(LeaderElectionTest, goes_on_leading_after_a_short_outage) {
  first_.start();
  settle();
  api_.fail_next({.kind = core::ErrorKind::unavailable, .message = "connection refused"}, 3);
  pass_in_steps(60s);
  EXPECT_TRUE(first_.leading);
}

TEST_F(LeaderElectionTest, stops_at_once_when_another_holds_the_lease) {
  first_.start();
  settle();
  json::object lease = *api_.find(leases, "catalog", "controller");
  core::set(lease, {"spec", "holderIdentity"}, "usurper");
  api_.put(leases, lease);
  pass_in_steps(2s);
  EXPECT_FALSE(first_.leading);
  ASSERT_TRUE(first_.outcome);
  EXPECT_NE(first_.outcome->error().message.find("held by usurper"), std::string::npos)
      << first_.outcome->error().message;
  EXPECT_EQ(in_lease("holderIdentity"), "usurper") << "what is not ours is not given back";
}

TEST_F(LeaderElectionTest, can_be_cancelled_while_it_waits) {
  first_.start();
  settle();
  second_.start();
  pass_in_steps(5s);
  second_.tasks.cancel();
  settle();
  EXPECT_EQ(second_.tasks.size(), 0U);
  EXPECT_EQ(in_lease("holderIdentity"), "first");
}

TEST_F(LeaderElectionTest, refuses_times_that_cannot_work) {
  using Options = LeaderElectionOptions;
  const std::vector<std::pair<Options, std::string>> cases{
      {Options{.namespace_ = "n", .name = "l"}, "identity"},
      {Options{.name = "l", .identity = "i"}, "namespace"},
      {Options{.namespace_ = "n", .name = "l", .identity = "i", .renew_deadline = 15s},
       "shorter than the lease duration"},
      {Options{.namespace_ = "n", .name = "l", .identity = "i", .retry_period = 9s},
       "longer than 1.2 retry periods"},
      {Options{.namespace_ = "n", .name = "l", .identity = "i", .lease_duration = 500ms}, "at least 1s"},
  };
  for (const auto& [options, complaint] : cases) {
    LeaderElector elector(io_.get_executor(), client_, clock_, options);
    std::optional<core::Result<>> outcome;
    const auto run = [](LeaderElector& wrong, std::optional<core::Result<>>& result) -> async::Task<> {
      result = co_await wrong.run([]() -> async::Task<> { co_return; });
    };
    start(run(elector, outcome));
    ASSERT_TRUE(outcome) << complaint;
    EXPECT_NE(outcome->error().message.find(complaint), std::string::npos) << outcome->error().message;
  }
}

}  // namespace
}  // namespace runtime
