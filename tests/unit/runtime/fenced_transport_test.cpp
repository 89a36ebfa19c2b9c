#include "runtime/fenced_transport.hpp"

#include "async/event.hpp"
#include "loop.hpp"
#include "runtime/leader_election.hpp"

namespace runtime {
namespace {

constexpr const char* leases = "/apis/coordination.k8s.io/v1/leases";

// Requests that reach the other side.
class Counting final : public net::Transport {
 public:
  explicit Counting(std::vector<std::string>& reached) : reached_(reached) {}
  async::Task<core::Result<net::Reply>> send(net::Request request, net::CallOptions) override {
    reached_.push_back(request.method);
    co_return net::Reply{};
  }
  async::Task<core::Result<net::IncomingReply>> open(net::Request request, net::CallOptions) override {
    reached_.push_back("open " + request.method);
    co_return net::IncomingReply{};
  }

 private:
  std::vector<std::string>& reached_;
};

// A replica that writes every second as long as it may, whatever its tasks think.
struct Replica {
  Replica(asio::any_io_executor executor, kube::Client& client, async::Clock& clock, std::string identity)
      : elector(executor, client, clock,
                {.namespace_ = "catalog", .name = "controller", .identity = std::move(identity)}),
        transport(std::make_unique<Counting>(reached), FencedTransport::Refuses::writes,
                  [this] { return elector.may_act(); }),
        end(executor),
        tasks(std::move(executor)) {}

  async::Task<> campaign() {
    outcome = co_await elector.run([this] { return lead(); });
  }
  async::Task<> lead() { co_await end.wait(); }
  async::Task<> write(std::string method) {
    net::Request request;
    request.method = std::move(method);
    last = co_await transport.send(std::move(request), {});
  }

  std::vector<std::string> reached;
  std::optional<core::Result<net::Reply>> last;
  LeaderElector elector;
  FencedTransport transport;
  async::Event end;
  std::optional<core::Result<>> outcome;
  async::TaskGroup tasks;
};

class FencedTransportTest : public Loop {
 protected:
  void TearDown() override {
    for (Replica* replica : {&first_, &second_}) replica->tasks.cancel();
    settle();
    pass(10s);
    Loop::TearDown();
  }
  // Whether the request went out.
  bool sends(Replica& replica, const std::string& method = "PUT") {
    const std::size_t before = replica.reached.size();
    replica.tasks.spawn("write", replica.write(method));
    settle();
    return replica.reached.size() > before;
  }
  void start(Replica& replica) {
    replica.tasks.spawn("campaign", replica.campaign());
    settle();
  }

  kube::Client second_client_{api_, "test"};
  Replica first_{io_.get_executor(), client_, clock_, "first"};
  Replica second_{io_.get_executor(), second_client_, clock_, "second"};
};

TEST_F(FencedTransportTest, lets_the_leader_write_and_others_only_read) {
  start(first_);
  start(second_);
  EXPECT_TRUE(sends(first_));
  EXPECT_FALSE(sends(second_));
  EXPECT_EQ(second_.last->error().kind, core::ErrorKind::unavailable);
  EXPECT_TRUE(sends(second_, "GET"));
}

TEST_F(FencedTransportTest, never_lets_two_write_while_the_leader_cannot_renew) {
  start(first_);
  start(second_);
  api_.fail_next({.kind = core::ErrorKind::unavailable, .message = "connection refused"}, 12);
  bool second_wrote = false;
  for (int second = 0; second < 60; ++second) {
    const bool first_may = sends(first_);
    const bool second_may = sends(second_);
    EXPECT_FALSE(first_may && second_may);
    EXPECT_FALSE(second_wrote && first_may) << "a late write";
    second_wrote = second_wrote || second_may;
    pass(1s);
  }
}

// SIGSTOP: the process is stopped in the middle, the clock goes on, and what it does next is not the
// election's task but some other.
TEST_F(FencedTransportTest, refuses_the_first_request_of_a_process_that_was_stopped_for_too_long) {
  start(first_);
  pass(1s);
  EXPECT_TRUE(sends(first_));
  clock_.advance(9s);  // 10 s after the last renewal; nothing of it has run
  EXPECT_TRUE(first_.elector.is_leader()) << "it does not know yet";
  EXPECT_FALSE(first_.elector.may_act());
  const std::size_t before = first_.reached.size();
  first_.tasks.spawn("write", first_.write("PUT"));
  settle();
  EXPECT_EQ(first_.reached.size(), before);
  ASSERT_TRUE(first_.outcome);
  EXPECT_FALSE(first_.outcome->has_value());
}

TEST_F(FencedTransportTest, refuses_from_the_moment_on_when_another_is_seen_to_hold_the_lease) {
  start(first_);
  json::object lease = *api_.find(leases, "catalog", "controller");
  core::set(lease, {"spec", "holderIdentity"}, "usurper");
  api_.put(leases, lease);
  pass(2s);
  EXPECT_FALSE(sends(first_));
}

TEST_F(FencedTransportTest, asks_brokers_nothing_at_all_without_the_lease) {
  std::vector<std::string> reached;
  bool may_act = false;
  FencedTransport transport(std::make_unique<Counting>(reached), FencedTransport::Refuses::everything,
                            [&may_act] { return may_act; });
  for (const bool allowed : {false, true}) {
    may_act = allowed;
    net::Request request;
    request.method = "GET";
    std::optional<core::Result<net::Reply>> answer;
    const auto ask = [](net::Transport& to, net::Request what,
                        std::optional<core::Result<net::Reply>>& result) -> async::Task<> {
      result = co_await to.send(std::move(what), {});
    };
    Loop::start(ask(transport, std::move(request), answer));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->has_value(), allowed);
  }
  EXPECT_EQ(reached, std::vector<std::string>{"GET"});
}

}  // namespace
}  // namespace runtime
