#include "paced_polls.hpp"

#include <algorithm>
#include <cstdio>

#include <boost/asio/this_coro.hpp>

#include "async/clock.hpp"
#include "async/task_group.hpp"
#include "core/json.hpp"
#include "net/client.hpp"

namespace bench {

namespace {

using async::Clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr std::size_t connections = 200;

struct Measured {
  std::vector<double> milliseconds;
  std::size_t failed = 0;
};

// Polls every `connections`th instance, from `first` on, in turns.
async::Task<> poll_share(const PacedPolls& polls, net::Client& client, std::size_t first,
                         Measured& measured) {
  async::SystemClock clock;
  const net::CallOptions options;
  const auto round = std::chrono::duration_cast<Clock::TimePoint::duration>(
      std::chrono::duration<double>(1 / polls.polls_per_second));
  const auto spacing = round / static_cast<std::int64_t>(polls.instances.size());
  const Clock::TimePoint end = clock.now() + polls.duration;
  for (Clock::TimePoint begin = clock.now(); begin < end; begin += round) {
    for (std::size_t each = first; each < polls.instances.size(); each += connections) {
      co_await clock.sleep_until(begin + spacing * static_cast<std::int64_t>(each));
      net::Request request{.method = "GET",
                           .target = "/v2/service_instances/" + polls.instances[each] + "/last_operation"};
      request.headers.set("Authorization", polls.authorization);
      request.headers.set("X-Broker-API-Version", "2.17");
      const Clock::TimePoint sent = clock.now();
      const auto reply = co_await client.send(std::move(request), options);
      measured.milliseconds.push_back(Milliseconds(clock.now() - sent).count());
      if (!reply || reply->status != 200) ++measured.failed;
    }
  }
}

}  // namespace

async::Task<int> run_paced_polls(PacedPolls polls) {
  const auto executor = co_await async::asio::this_coro::executor;
  auto url = net::Url::parse(polls.url);
  if (!url || polls.instances.empty()) co_return 1;
  auto client = net::Client::create(executor, std::move(*url), {.max_idle_connections = connections});
  if (!client) co_return 1;
  Measured measured;
  async::TaskGroup tasks(executor);
  for (std::size_t first = 0; first < std::min(connections, polls.instances.size()); ++first)
    tasks.spawn("polls", poll_share(polls, **client, first, measured));
  co_await tasks.join();
  std::vector<double>& times = measured.milliseconds;
  std::ranges::sort(times);
  const boost::json::object figures{{"polls", times.size()},
                                    {"failed", measured.failed},
                                    {"p50_ms", times[times.size() / 2]},
                                    {"p99_ms", times[times.size() * 99 / 100]},
                                    {"worst_ms", times.back()}};
  std::printf("%s\n", core::to_text(figures).c_str());
  co_return 0;
}

}  // namespace bench
