// A crash at any chosen point: before or after the Nth effect on the outside world.
#pragma once

#include <stdexcept>

namespace broker::test {

// What kill -9 looks like to a coroutine: nothing after it runs. Not a std::exception, so that no handler
// takes it for an error.
struct Crash {};

class FaultPoints {
 public:
  // The process dies at the point of this number (from 0): even numbers before the effect, odd ones after it.
  // -1: never.
  void crash_at(int point) {
    chosen_ = point;
    next_ = 0;
    crashed_ = false;
  }
  void restart() { chosen_ = -1; }
  [[nodiscard]] bool crashed() const { return crashed_; }

  void before_effect() { pass(); }
  void after_effect() { pass(); }

 private:
  void pass() {
    if (next_++ != chosen_) return;
    crashed_ = true;
    throw Crash{};
  }
  int chosen_ = -1;
  int next_ = 0;
  bool crashed_ = false;
};

}  // namespace broker::test
