// Exponential backoff with jitter, without a clock: the caller sleeps.
#pragma once

#include <chrono>
#include <cstdint>

namespace async {

struct BackoffPolicy {
  std::chrono::milliseconds initial{250};
  std::chrono::milliseconds maximum{std::chrono::minutes(5)};
  double factor = 2.0;
  double jitter = 0.2;  // a delay is drawn from [delay * (1 - jitter), delay]
};

class Backoff {
 public:
  explicit Backoff(BackoffPolicy policy = {}) : policy_(policy) {}
  [[nodiscard]] std::chrono::milliseconds next();  // grows with every call
  void reset() { attempts_ = 0; }
  [[nodiscard]] std::uint32_t attempts() const { return attempts_; }

 private:
  BackoffPolicy policy_;
  std::uint32_t attempts_ = 0;
};

// The delay after `attempts` failures without jitter (attempts ≥ 1).
[[nodiscard]] std::chrono::milliseconds backoff_delay(const BackoffPolicy& policy, std::uint32_t attempts);

}  // namespace async
