// When a broker is not called because it does not work. Pure: time comes in.
//
// Closed: calls pass. Failures in a row open it: then none passes for a while, until one is let through as a
// probe (half-open), whose outcome closes or opens it again. The pause doubles with each opening, up to a
// minute, until calls about two different things work: a broker whose catalog can be had may hang otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/error.hpp"

namespace catalog {

class Circuit {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using milliseconds = std::chrono::milliseconds;
  static constexpr std::uint32_t failures_to_open = 5;
  static constexpr milliseconds first_pause = std::chrono::seconds(5);
  static constexpr milliseconds longest_pause = std::chrono::minutes(1);

  enum class State { closed, half_open, open };

  // True: the call may be made, and one of the three below has to follow. `what`: the object that the call is
  // about.
  [[nodiscard]] bool admit(TimePoint now);
  void succeeded(const std::string& what);
  // A broker that answers 5xx for one object again and again has trouble with that object; that others would
  // fail too is not known.
  void failed(const core::Error& error, const std::string& what, TimePoint now);
  void abandoned();  // it was cancelled: nothing was learnt

  [[nodiscard]] State state() const { return state_; }
  // Where it is not closed: how long until the next probe; 0 where one is under way.
  [[nodiscard]] milliseconds wait(TimePoint now) const;
  [[nodiscard]] const std::string& last_error() const { return last_error_; }

  // What counts as a failure: no connection, no answer in time, a status of 5xx. Any other answer shows that
  // the broker works.
  [[nodiscard]] static bool counts(const core::Error& error);

 private:
  void open(TimePoint now);

  State state_ = State::closed;
  std::uint32_t failures_ = 0;
  std::string last_failed_;  // what the last failed call was about
  std::string last_error_;
  std::string closed_by_;  // what the call that closed it was about; "" where it is long ago
  milliseconds pause_ = first_pause;
  TimePoint open_until_;
};

}  // namespace catalog
