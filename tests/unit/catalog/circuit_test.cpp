#include "catalog/policies/circuit.hpp"

#include <gtest/gtest.h>

namespace catalog {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using State = Circuit::State;

class CircuitTest : public testing::Test {
 protected:
  static core::Error refused() {
    return {.kind = core::ErrorKind::unavailable, .message = "connection refused"};
  }
  static core::Error answered(int status) {
    return {.kind = core::kind_of_status(status), .message = "no", .http_status = status};
  }
  void fail(const core::Error& error, const std::string& what) {
    ASSERT_TRUE(circuit.admit(now));
    circuit.failed(error, what, now);
  }
  void open_it() {
    for (int i = 0; i < 5; ++i) fail(refused(), "one");
  }

  Circuit circuit;
  Circuit::TimePoint now{std::chrono::hours(1)};
};

TEST_F(CircuitTest, opens_after_five_failures_in_a_row_and_not_before) {
  for (int i = 0; i < 4; ++i) fail(refused(), "one");
  EXPECT_EQ(circuit.state(), State::closed);
  circuit.succeeded("one");
  for (int i = 0; i < 4; ++i) fail(refused(), "one");
  EXPECT_EQ(circuit.state(), State::closed);
  fail(refused(), "one");
  EXPECT_EQ(circuit.state(), State::open);
  EXPECT_FALSE(circuit.admit(now));
  EXPECT_EQ(circuit.wait(now), seconds(5));
  EXPECT_EQ(circuit.last_error(), "connection refused");
}

TEST_F(CircuitTest, counts_no_answer_and_5xx_but_nothing_that_shows_a_broker_at_work) {
  EXPECT_TRUE(Circuit::counts(refused()));
  EXPECT_TRUE(Circuit::counts({.kind = core::ErrorKind::timeout}));
  for (int status : {500, 502, 503, 504}) EXPECT_TRUE(Circuit::counts(answered(status))) << status;
  for (int status : {400, 401, 404, 408, 409, 410, 422, 429})
    EXPECT_FALSE(Circuit::counts(answered(status))) << status;
  EXPECT_FALSE(Circuit::counts({.kind = core::ErrorKind::protocol, .http_status = 201}));
  EXPECT_FALSE(Circuit::counts({.kind = core::ErrorKind::too_large}));
}

TEST_F(CircuitTest, does_not_take_the_trouble_of_one_instance_for_the_brokers) {
  for (int i = 0; i < 20; ++i) fail(answered(500), "one");
  EXPECT_EQ(circuit.state(), State::closed);
  for (const char* what : {"two", "three", "four", "five"}) fail(answered(500), what);
  EXPECT_EQ(circuit.state(), State::open);
}

TEST_F(CircuitTest, lets_one_probe_through_when_its_pause_is_over) {
  open_it();
  now += milliseconds(4999);
  EXPECT_FALSE(circuit.admit(now));
  now += milliseconds(1);
  EXPECT_TRUE(circuit.admit(now));
  EXPECT_EQ(circuit.state(), State::half_open);
  EXPECT_FALSE(circuit.admit(now)) << "one at a time";
  circuit.abandoned();
  EXPECT_TRUE(circuit.admit(now)) << "a cancelled probe has shown nothing";
  circuit.succeeded("one");
  EXPECT_EQ(circuit.state(), State::closed);
}

TEST_F(CircuitTest, doubles_its_pause_up_to_a_minute_as_long_as_probes_fail) {
  open_it();
  for (int expected : {10, 20, 40, 60, 60}) {
    now += circuit.wait(now);
    fail(refused(), "one");
    EXPECT_EQ(circuit.wait(now), seconds(expected));
  }
}

TEST_F(CircuitTest, starts_with_a_short_pause_again_once_different_things_work) {
  open_it();
  now += circuit.wait(now);
  ASSERT_TRUE(circuit.admit(now));
  circuit.succeeded("catalog");
  circuit.succeeded("catalog");
  open_it();
  EXPECT_EQ(circuit.wait(now), seconds(10)) << "only its catalog worked";
  now += circuit.wait(now);
  ASSERT_TRUE(circuit.admit(now));
  circuit.succeeded("catalog");
  circuit.succeeded("one");
  open_it();
  EXPECT_EQ(circuit.wait(now), seconds(5));
}

TEST_F(CircuitTest, forgets_failures_of_calls_that_began_before_it_opened) {
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(circuit.admit(now));
  for (int i = 0; i < 8; ++i) circuit.failed(refused(), "one", now);
  EXPECT_EQ(circuit.wait(now), seconds(5));
}

}  // namespace
}  // namespace catalog
