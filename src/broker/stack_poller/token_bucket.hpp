// How many calls of CloudFormation may be made, and when: a token is a call. Pure: the time comes in.
#pragma once

#include "async/clock.hpp"

namespace broker {

struct CallRate {
  double calls_per_second = 5;
  double burst = 2;  // calls that may follow each other at once
};

class TokenBucket {
 public:
  using TimePoint = async::Clock::TimePoint;

  // Begins full.
  TokenBucket(CallRate most, TimePoint now);

  // False: there is none before next(now).
  [[nodiscard]] bool take(TimePoint now);
  // When there are that many; `now` where there are.
  [[nodiscard]] TimePoint next(TimePoint now, double tokens = 1) const;

  // CloudFormation's word on the rate: halved where it throttles, back step by step where it does not.
  void throttled(TimePoint now);
  void answered(TimePoint now);
  [[nodiscard]] double calls_per_second() const { return rate_; }

 private:
  [[nodiscard]] double tokens_at(TimePoint now) const;
  void fill(TimePoint now);

  CallRate most_;
  double rate_;
  double tokens_;
  TimePoint filled_;
};

}  // namespace broker
