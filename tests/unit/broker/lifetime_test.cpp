// How long bindings are valid.
#include "broker/bindings/lifetime.hpp"

#include <gtest/gtest.h>

namespace broker {
namespace {

using namespace std::chrono_literals;

TEST(Lifetime, is_read_in_days_and_as_durations) {
  EXPECT_EQ(*parse_lifetime("90d"), std::chrono::days(90));
  EXPECT_EQ(*parse_lifetime("12h"), 12h);
  EXPECT_EQ(*parse_lifetime("1h30m"), 90min);
  for (const char* wrong : {"", "d", "0d", "-1d", "1.5d", "0s", "-1h", "90", "99999999d", "d90"})
    EXPECT_FALSE(parse_lifetime(wrong)) << wrong;
}

TEST(Lifetime, is_told_with_a_time_to_renew_before_its_end) {
  const core::SystemTime now = *core::parse_rfc3339("2026-01-01T00:00:00Z");
  BindingRecord binding;
  EXPECT_TRUE(lifetime_metadata(binding).is_null());
  EXPECT_FALSE(is_expired(binding, now));
  limit_lifetime(binding, std::chrono::days(10), now);
  EXPECT_EQ(lifetime_metadata(binding), (boost::json::value{{"expires_at", "2026-01-11T00:00:00.0Z"},
                                                            {"renew_before", "2026-01-09T00:00:00.0Z"}}));
  EXPECT_FALSE(is_expired(binding, now + std::chrono::days(10) - 1ms));
  EXPECT_TRUE(is_expired(binding, now + std::chrono::days(10)));
}

TEST(Lifetime, has_ended_where_the_binding_was_revoked_for_it) {
  EXPECT_TRUE(is_expired({.phase = BindingPhase::expired}, {}));
}

}  // namespace
}  // namespace broker
