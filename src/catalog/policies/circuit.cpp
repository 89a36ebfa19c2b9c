#include "catalog/policies/circuit.hpp"

#include <algorithm>

#include "catalog/policies/failures.hpp"

namespace catalog {

bool Circuit::counts(const core::Error& error) {
  if (error.http_status != 0) return error.http_status >= 500;
  return error.kind == core::ErrorKind::unavailable || error.kind == core::ErrorKind::timeout;
}

bool Circuit::admit(TimePoint now) {
  if (state_ == State::closed) return true;
  if (state_ == State::half_open || now < open_until_) return false;
  state_ = State::half_open;
  return true;
}

void Circuit::succeeded(const std::string& what) {
  failures_ = 0;
  last_failed_.clear();
  if (state_ != State::closed) {
    state_ = State::closed;
    closed_by_ = what;
  } else if (what != closed_by_) {
    closed_by_.clear();
  }
}

void Circuit::failed(const core::Error& error, const std::string& what, TimePoint now) {
  last_error_ = describe(error);
  if (state_ == State::open) return;  // a call that began before
  if (error.http_status != 0 && what == last_failed_ && state_ == State::closed) return;
  last_failed_ = what;
  ++failures_;
  if (state_ == State::half_open || failures_ >= failures_to_open) open(now);
}

void Circuit::abandoned() {
  if (state_ == State::half_open) state_ = State::open;  // its time is over: the next call is the probe
}

void Circuit::open(TimePoint now) {
  const bool again = state_ == State::half_open || !closed_by_.empty();
  pause_ = again ? std::min(pause_ * 2, longest_pause) : first_pause;
  closed_by_.clear();
  state_ = State::open;
  open_until_ = now + pause_;
}

Circuit::milliseconds Circuit::wait(TimePoint now) const {
  if (state_ != State::open || open_until_ <= now) return milliseconds(0);
  return std::chrono::ceil<milliseconds>(open_until_ - now);
}

}  // namespace catalog
