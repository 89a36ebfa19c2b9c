// Delays between tries.
#include "async/backoff.hpp"

#include <gtest/gtest.h>

namespace async {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, grows_by_its_factor_up_to_the_maximum) {
  const BackoffPolicy policy{.initial = 100ms, .maximum = 1s, .factor = 2, .jitter = 0};
  const struct {
    std::uint32_t attempts;
    std::chrono::milliseconds delay;
  } table[] = {{0, 100ms}, {1, 100ms}, {2, 200ms}, {3, 400ms},
               {4, 800ms}, {5, 1s},    {6, 1s},    {4'000'000'000, 1s}};
  for (const auto& each : table) EXPECT_EQ(backoff_delay(policy, each.attempts), each.delay) << each.attempts;
}

TEST(Backoff, stays_the_same_with_a_factor_of_one) {
  const BackoffPolicy policy{.initial = 100ms, .maximum = 1s, .factor = 1, .jitter = 0};
  for (const std::uint32_t attempts : {1U, 2U, 1000U}) EXPECT_EQ(backoff_delay(policy, attempts), 100ms);
}

TEST(Backoff, counts_its_delays_and_begins_anew_after_a_reset) {
  Backoff backoff({.initial = 10ms, .maximum = 1s, .factor = 3, .jitter = 0});
  EXPECT_EQ(backoff.attempts(), 0U);
  EXPECT_EQ(backoff.next(), 10ms);
  EXPECT_EQ(backoff.next(), 30ms);
  EXPECT_EQ(backoff.attempts(), 2U);
  backoff.reset();
  EXPECT_EQ(backoff.next(), 10ms);
}

TEST(Backoff, draws_each_delay_from_the_jitters_share_below_it) {
  const BackoffPolicy policy{.initial = 1s, .maximum = 1s, .factor = 2, .jitter = 0.25};
  Backoff backoff(policy);
  auto shortest = 2000ms;
  auto longest = 0ms;
  for (int i = 0; i < 1000; ++i) {
    const auto delay = backoff.next();
    EXPECT_GE(delay, 750ms);
    EXPECT_LE(delay, 1s);
    shortest = std::min(shortest, delay);
    longest = std::max(longest, delay);
  }
  EXPECT_LT(shortest, longest) << "they differ";
}

}  // namespace
}  // namespace async
