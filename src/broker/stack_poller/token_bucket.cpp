#include "broker/stack_poller/token_bucket.hpp"

#include <algorithm>
#include <cmath>

namespace broker {

namespace {

using Seconds = std::chrono::duration<double>;

constexpr double smallest_share = 1.0 / 32;  // of the highest rate
constexpr double step = 1.0 / 50;            // of the highest rate, for each answer
constexpr double rounding = 1e-6;            // next() is in whole nanoseconds

}  // namespace

TokenBucket::TokenBucket(CallRate most, TimePoint now)
    : most_(most), rate_(most.calls_per_second), tokens_(most.burst), filled_(now) {}

double TokenBucket::tokens_at(TimePoint now) const {
  return std::min(most_.burst, tokens_ + rate_ * Seconds(now - filled_).count());
}

void TokenBucket::fill(TimePoint now) {
  tokens_ = tokens_at(now);
  filled_ = now;
}

bool TokenBucket::take(TimePoint now) {
  fill(now);
  if (tokens_ < 1 - rounding) return false;
  tokens_ = std::max(tokens_ - 1, 0.0);
  return true;
}

TokenBucket::TimePoint TokenBucket::next(TimePoint now, double tokens) const {
  const double missing = tokens - tokens_at(now);
  if (missing <= rounding) return now;
  return now + std::chrono::nanoseconds(std::llround(std::ceil(missing / rate_ * 1e9)));
}

void TokenBucket::throttled(TimePoint now) {
  filled_ = now;
  tokens_ = 0;
  rate_ = std::max(rate_ / 2, most_.calls_per_second * smallest_share);
}

void TokenBucket::answered(TimePoint now) {
  fill(now);
  rate_ = std::min(rate_ + most_.calls_per_second * step, most_.calls_per_second);
}

}  // namespace broker
