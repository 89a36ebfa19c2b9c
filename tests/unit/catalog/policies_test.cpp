#include <gtest/gtest.h>

#include "catalog/policies/failures.hpp"
#include "catalog/policies/parameters.hpp"
#include "catalog/policies/schedule.hpp"
#include "objects.hpp"

namespace catalog {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(PollSchedule, waits_a_tenth_of_the_time_so_far_within_its_bounds) {
  struct Case {
    milliseconds elapsed;
    std::optional<seconds> retry_after;
    milliseconds expected;
  };
  for (const Case& c : {Case{milliseconds(0), {}, milliseconds(100)}, Case{seconds(1), {}, milliseconds(100)},
                        Case{seconds(30), {}, seconds(3)}, Case{minutes(500), {}, minutes(20)},
                        Case{seconds(1), seconds(7), seconds(7)}, Case{minutes(60), seconds(5), seconds(5)},
                        Case{seconds(1), seconds(86400), minutes(20)}}) {
    EXPECT_EQ(poll_delay(c.elapsed, c.retry_after, minutes(20)), c.expected) << c.elapsed.count();
  }
}

TEST(RetrySchedule, doubles_up_to_ten_minutes_and_honours_retry_after) {
  EXPECT_EQ(retry_delay(1, {}), seconds(1));
  EXPECT_EQ(retry_delay(4, {}), seconds(8));
  EXPECT_EQ(retry_delay(40, {}), minutes(10));
  EXPECT_EQ(retry_delay(1, seconds(30)), seconds(30));
  EXPECT_EQ(catalog_retry_delay(1), milliseconds(500));
  EXPECT_EQ(catalog_retry_delay(40), minutes(1));
}

TEST(RetrySchedule, waits_for_no_time_that_a_wrong_clock_wrote) {
  const core::SystemTime now = *core::parse_rfc3339("2026-01-31T10:00:00Z");
  EXPECT_TRUE(is_due(std::nullopt, now));
  EXPECT_TRUE(is_due(now, now));
  EXPECT_FALSE(is_due(now + seconds(1), now));
  EXPECT_FALSE(is_due(now + minutes(30), now));
  EXPECT_TRUE(is_due(now + minutes(31), now));
  EXPECT_EQ(retry_delay(1, seconds(86'400)), minutes(30)) << "or it would look like a wrong clock's";
}

// Open Service Broker API 2.17, "Orphan Mitigation".
TEST(Failures, are_judged_by_the_table_of_the_specification) {
  using core::ErrorKind;
  struct Case {
    const char* sentence;
    BrokerCall call;
    ErrorKind kind;
    int status;
    const char* code;
    bool retry, mitigate;
  };
  for (const Case& c : {
           Case{"200 with a malformed body", BrokerCall::provision, ErrorKind::protocol, 200, "", true,
                false},
           Case{"201 with a malformed body", BrokerCall::provision, ErrorKind::protocol, 201, "", true, true},
           Case{"202 with a malformed body", BrokerCall::bind, ErrorKind::protocol, 202, "", true, true},
           Case{"another 2xx", BrokerCall::provision, ErrorKind::protocol, 204, "", true, true},
           Case{"400", BrokerCall::provision, ErrorKind::invalid, 400, "", false, false},
           Case{"wrong credentials", BrokerCall::provision, ErrorKind::unauthenticated, 401, "", true, false},
           Case{"408", BrokerCall::provision, ErrorKind::timeout, 408, "", true, false},
           Case{"409", BrokerCall::provision, ErrorKind::conflict, 409, "", false, false},
           Case{"422", BrokerCall::provision, ErrorKind::unprocessable, 422, "RequiresApp", false, false},
           Case{"422 ConcurrencyError", BrokerCall::bind, ErrorKind::unprocessable, 422, "ConcurrencyError",
                true, false},
           Case{"429", BrokerCall::provision, ErrorKind::throttled, 429, "", true, false},
           Case{"500", BrokerCall::provision, ErrorKind::unavailable, 500, "", true, true},
           Case{"503 of a bind", BrokerCall::bind, ErrorKind::unavailable, 503, "", true, true},
           Case{"no answer in time", BrokerCall::provision, ErrorKind::timeout, 0, "", true, true},
           Case{"no connection", BrokerCall::provision, ErrorKind::unavailable, 0, "", true, false},
           Case{"500 of an update", BrokerCall::update, ErrorKind::unavailable, 500, "", true, false},
           Case{"400 of an update", BrokerCall::update, ErrorKind::invalid, 400, "", false, false},
           Case{"a time-out of an update", BrokerCall::update, ErrorKind::timeout, 0, "", true, false},
           Case{"400 of a deprovision", BrokerCall::deprovision, ErrorKind::invalid, 400, "", true, false},
           Case{"500 of an unbind", BrokerCall::unbind, ErrorKind::unavailable, 500, "", true, false},
       }) {
    core::Error error{.kind = c.kind, .message = "no", .code = c.code, .http_status = c.status};
    Verdict verdict = judge(c.call, error);
    EXPECT_EQ(verdict.retry, c.retry) << c.sentence;
    EXPECT_EQ(verdict.mitigate_orphan, c.mitigate) << c.sentence;
  }
}

TEST(Failures, are_described_with_status_code_and_the_brokers_whole_words) {
  core::Error error{.kind = core::ErrorKind::invalid,
                    .message = "The parameter X is not available.",
                    .code = "BadRequest",
                    .http_status = 400};
  EXPECT_EQ(describe(error), "Status: 400; BadRequest: The parameter X is not available.");
  error.message = std::string(5000, 'x');
  EXPECT_LT(describe(error).size(), 1100U);
}

TEST(Parameters, merge_defaults_below_the_spec_below_secrets) {
  json::object spec = parse(R"({"b":2,"nested":{"y":2}})");
  std::vector<SecretParameters> secrets{{"creds", "json", R"({"c":"hush","b":3})"}};
  auto merged = merge_parameters(parse(R"({"a":1,"b":1,"nested":{"x":1}})"), &spec, secrets);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->to_send, parse(R"({"a":1,"b":3,"nested":{"x":1,"y":2},"c":"hush"})"));
  EXPECT_EQ(merged->redacted, parse(R"({"a":1,"b":"<redacted>","nested":{"x":1,"y":2},"c":"<redacted>"})"));
  EXPECT_EQ(merged->checksum.size(), 64U);
}

TEST(Parameters, have_one_checksum_whatever_their_order_and_none_where_there_are_none) {
  json::object one = parse(R"({"a":1,"b":2})");
  json::object other = parse(R"({"b":2,"a":1})");
  EXPECT_EQ(merge_parameters({}, &one, {})->checksum, merge_parameters({}, &other, {})->checksum);
  EXPECT_EQ(merge_parameters({}, nullptr, {})->checksum, "");
}

TEST(Parameters, tell_which_secret_is_missing_or_no_object_without_its_value) {
  std::vector<SecretParameters> missing{{"creds", "json", std::nullopt}};
  auto merged = merge_parameters({}, nullptr, missing);
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().reason, "ErrorWithParameters");
  EXPECT_NE(merged.error().message.find("key \"json\" of Secret \"creds\""), std::string::npos);
  std::vector<SecretParameters> no_object{{"creds", "json", "hunter2"}};
  merged = merge_parameters({}, nullptr, no_object);
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().message.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace catalog
