// How often CloudFormation may be asked.
#include "broker/stack_poller/token_bucket.hpp"

#include <gtest/gtest.h>

namespace broker {
namespace {

using namespace std::chrono_literals;

constexpr async::Clock::TimePoint start{1000h};

int calls_between(TokenBucket& bucket, async::Clock::TimePoint from, async::Clock::TimePoint until) {
  int calls = 0;
  for (auto now = from; now < until; now += 10ms) calls += bucket.take(now) ? 1 : 0;
  return calls;
}

TEST(TokenBucket, gives_the_burst_at_once_and_then_the_rate) {
  TokenBucket bucket({.calls_per_second = 5, .burst = 3}, start);
  for (int call = 0; call < 3; ++call) EXPECT_TRUE(bucket.take(start));
  EXPECT_FALSE(bucket.take(start));
  EXPECT_EQ(calls_between(bucket, start, start + 10s), 49) << "the tenth second's last is still to come";
}

TEST(TokenBucket, saves_no_more_than_the_burst) {
  TokenBucket bucket({.calls_per_second = 5, .burst = 3}, start);
  EXPECT_EQ(calls_between(bucket, start + 1h, start + 1h + 1s), 3 + 4);
}

TEST(TokenBucket, tells_when_there_are_so_many) {
  TokenBucket bucket({.calls_per_second = 5, .burst = 2}, start);
  EXPECT_EQ(bucket.next(start, 2), start);
  EXPECT_TRUE(bucket.take(start));
  EXPECT_EQ(bucket.next(start), start);
  EXPECT_TRUE(bucket.take(start));
  const auto next = bucket.next(start);
  EXPECT_GT(next, start + 199ms);
  EXPECT_LE(next, start + 200ms);
  EXPECT_TRUE(bucket.take(next));
}

TEST(TokenBucket, halves_its_rate_where_it_is_throttled_and_finds_back_step_by_step) {
  TokenBucket bucket({.calls_per_second = 4, .burst = 4}, start);
  bucket.throttled(start);
  EXPECT_DOUBLE_EQ(bucket.calls_per_second(), 2);
  EXPECT_FALSE(bucket.take(start)) << "what was saved is gone";
  for (int again = 0; again < 20; ++again) bucket.throttled(start);
  EXPECT_DOUBLE_EQ(bucket.calls_per_second(), 0.125) << "it never stops asking";
  bucket.answered(start);
  EXPECT_DOUBLE_EQ(bucket.calls_per_second(), 0.205);
  for (int answer = 0; answer < 100; ++answer) bucket.answered(start);
  EXPECT_DOUBLE_EQ(bucket.calls_per_second(), 4);
}

}  // namespace
}  // namespace broker
