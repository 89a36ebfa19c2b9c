// What can go wrong at any one call of the outside world: the Nth call that a broker makes of the cloud or
// the store meets the chosen fault, once.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "async/task.hpp"
#include "core/error.hpp"

namespace broker::test {

// What kill -9 looks like to a coroutine: nothing after it runs. Not a std::exception, so that no handler
// takes it for an error.
struct Crash {};

enum class Fault {
  crash_before,  // the process dies before the call is made
  crash_after,   // … after it was done, before its answer is known
  unavailable,   // not done, and said so
  throttled,     // the same
  lost,          // done, but the answer was lost
  repeated,      // done twice: the client tried again after a lost answer
};

enum class Repeated { after_a_lost_answer, never };

class FaultPoints {
 public:
  // The call of this number (from 0) meets the fault.
  void at(int call, Fault fault) {
    arm(call);
    fault_ = fault;
  }
  // It is not done, and answers this.
  void at(int call, core::Error refusal) {
    arm(call);
    refusal_ = std::move(refusal);
  }
  // Before the call of this number all of `other` happens; its own calls do not count.
  void meanwhile(int call, std::function<async::Task<>()> other) {
    arm(call);
    other_ = std::move(other);
  }
  void disarm() { chosen_ = -1; }
  [[nodiscard]] bool met() const { return met_; }

  // `make` begins the call; it is asked twice where the call is repeated.
  template <class T>
  async::Task<core::Result<T>> around(std::function<async::Task<core::Result<T>>()> make,
                                      Repeated repeated = Repeated::after_a_lost_answer) {
    const bool here = next_++ == chosen_;
    if (!here) co_return co_await make();
    disarm();
    met_ = true;
    if (other_) {
      co_await std::exchange(other_, {})();
      co_return co_await make();
    }
    if (refusal_) co_return core::fail(*std::exchange(refusal_, std::nullopt));
    switch (fault_) {
      case Fault::crash_before:
        throw Crash{};
      case Fault::unavailable:
        co_return core::fail(core::ErrorKind::unavailable, "Service is unavailable", "ServiceUnavailable");
      case Fault::throttled:
        co_return core::fail(core::ErrorKind::throttled, "Rate exceeded", "Throttling");
      case Fault::crash_after:
      case Fault::lost:
      case Fault::repeated:
        break;
    }
    auto result = co_await make();
    if (fault_ == Fault::crash_after) throw Crash{};
    if (fault_ == Fault::repeated && repeated == Repeated::after_a_lost_answer) co_return co_await make();
    co_return core::fail(core::ErrorKind::unavailable, "connection reset by peer");
  }

 private:
  void arm(int call) {
    chosen_ = call;
    next_ = 0;
    met_ = false;
  }

  int chosen_ = -1;
  int next_ = 0;
  bool met_ = false;
  Fault fault_ = Fault::crash_before;
  std::function<async::Task<>()> other_;
  std::optional<core::Error> refusal_;
};

}  // namespace broker::test
