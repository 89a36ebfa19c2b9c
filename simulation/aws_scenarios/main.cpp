// aws-scenarios [URL]: plays the scenarios in the model of AWS, or at an endpoint (an emulator's), and prints
// what happened, a line each. The two outputs are compared by tests/integration/test_simulated_aws.py.
#include <cstdio>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "async/clock.hpp"
#include "async/program.hpp"
#include "net/client.hpp"
#include "net/in_process_transport.hpp"
#include "simulation/aws/account.hpp"
#include "simulation/aws_scenarios/place.hpp"

namespace {

using std::chrono::milliseconds;

// The timeline's time; the limits of calls never come.
class TimelineClock final : public async::Clock {
 public:
  explicit TimelineClock(simulation::Timeline& timeline) : timeline_(timeline) {}
  [[nodiscard]] TimePoint now() const override { return timeline_.now(); }
  [[nodiscard]] core::SystemTime system_now() const override { return timeline_.system_now(); }
  [[nodiscard]] async::Task<> rest_until(TimePoint) override { return real_.rest_until(TimePoint::max()); }

 private:
  simulation::Timeline& timeline_;
  async::SystemClock real_;
};

async::Task<int> play(std::string url) {
  const auto executor = co_await boost::asio::this_coro::executor;
  async::SystemClock real_clock;
  simulation::Timeline timeline;
  TimelineClock timeline_clock(timeline);
  simulation::AwsAccount account(timeline, simulation::Random(1),
                                 {.least_work = milliseconds(10), .most_work = milliseconds(200)});
  account.admit("test", "test");
  const bool is_model = url.empty();
  aws::Identity identity{
      .access_key_id = "test", .secret_access_key = "test", .session_token = {}, .expires = {}, .source = {}};
  aws::SessionOptions options{
      .region = "us-east-1",
      .credentials = std::make_shared<aws::StaticCredentials>(std::move(identity)),
      .transports = aws::socket_transports(executor),
      .clock = &real_clock,
      .environment =
          [url](const std::string& name) { return name == "AWS_ENDPOINT_URL" ? url : std::string(); },
      .observer = {},
      .retries = {.max_attempts = 1}};
  if (is_model) {
    options.clock = &timeline_clock;
    options.transports = [&](const aws::Endpoint&) -> core::Result<std::unique_ptr<net::Transport>> {
      return std::make_unique<net::InProcessTransport>(executor, account.handler(), &timeline_clock);
    };
  }
  aws::Session session(std::move(options));
  scenarios::Place place{.session = session, .wait = {}, .make_bucket = {}};
  place.wait = [&]() -> async::Task<> {
    if (is_model) {
      timeline.after(milliseconds(100), [] {});
      timeline.advance();
    } else {
      co_await real_clock.sleep_for(milliseconds(20));
    }
  };
  place.make_bucket = [&](std::string name) -> async::Task<core::Result<>> {
    if (is_model) {
      (void)account.buckets().create(name);
      co_return core::Result<>();
    }
    // The client makes no buckets: the plain call of an endpoint that knows buckets by their path.
    net::Request request{.method = "PUT", .target = "/" + name};
    auto reply = co_await session.call(aws::Service::s3, "CreateBucket", std::move(request));
    if (!reply) co_return core::fail(reply.error());
    co_return core::Result<>();
  };
  co_await scenarios::play_stacks(place);
  co_await scenarios::play_services(place);
  for (const std::string& fact : place.facts) std::puts(fact.c_str());
  for (const std::string& violation : account.journal().violations)
    std::fprintf(stderr, "a request that AWS would refuse: %s\n", violation.c_str());
  co_return account.journal().violations.empty() ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  return async::run_program(play(count > 1 ? arguments[1] : ""));
}
