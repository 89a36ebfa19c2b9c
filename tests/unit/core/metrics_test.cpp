#include "core/metrics.hpp"

#include <gtest/gtest.h>

namespace core {
namespace {

TEST(Metrics, renders_the_text_format_in_the_order_of_names) {
  Metrics metrics;
  metrics.set_gauge("queue_depth", "What waits.", {}, 2.5);
  metrics.increment("calls_total", "Calls.", {{"code", "200"}, {"method", "GET"}});
  metrics.increment("calls_total", "Calls.", {{"code", "200"}, {"method", "GET"}}, 2);
  EXPECT_EQ(
      metrics.render(),
      "# HELP calls_total Calls.\n# TYPE calls_total counter\ncalls_total{code=\"200\",method=\"GET\"} 3\n"
      "# HELP queue_depth What waits.\n# TYPE queue_depth gauge\nqueue_depth 2.5\n");
}

TEST(Metrics, escapes_labels_and_help) {
  Metrics metrics;
  metrics.set_gauge("g", "one\ntwo \\ \"three\"", {{"of", "a\"b\\c\nd"}}, 1e21);
  EXPECT_EQ(metrics.render(),
            "# HELP g one\\ntwo \\\\ \"three\"\n# TYPE g gauge\ng{of=\"a\\\"b\\\\c\\nd\"} 1e+21\n");
}

TEST(Metrics, counts_an_observation_in_its_bucket_and_in_all_above_it) {
  Metrics metrics;
  for (const double seconds : {0.001, 0.3, 61.0})
    metrics.observe_seconds("t_seconds", "Time.", {{"of", "x"}}, seconds);
  const std::string text = metrics.render();
  const auto has = [&](std::string_view line) {
    return text.find(std::string(line) + "\n") != std::string::npos;
  };
  EXPECT_TRUE(has("# TYPE t_seconds histogram"));
  EXPECT_TRUE(has("t_seconds_count{of=\"x\"} 3"));
  EXPECT_TRUE(has("t_seconds_sum{of=\"x\"} 61.301"));
  EXPECT_TRUE(has("t_seconds_bucket{of=\"x\",le=\"0.001\"} 1"));
  EXPECT_TRUE(has("t_seconds_bucket{of=\"x\",le=\"0.25\"} 1"));
  EXPECT_TRUE(has("t_seconds_bucket{of=\"x\",le=\"0.5\"} 2"));
  EXPECT_TRUE(has("t_seconds_bucket{of=\"x\",le=\"60\"} 2"));
  EXPECT_TRUE(has("t_seconds_bucket{of=\"x\",le=\"+Inf\"} 3"));
}

TEST(Metrics, shows_a_forgotten_gauge_no_more) {
  Metrics metrics;
  metrics.set_gauge("g", "G.", {{"of", "a"}}, 1);
  metrics.set_gauge("g", "G.", {{"of", "b"}}, 1);
  metrics.forget_gauge("g", {{"of", "a"}});
  metrics.forget_gauge("never", {});
  EXPECT_EQ(metrics.render(), "# HELP g G.\n# TYPE g gauge\ng{of=\"b\"} 1\n");
  metrics.forget_gauge("g", {{"of", "b"}});
  EXPECT_EQ(metrics.render(), "");
}

TEST(Metrics, asks_for_what_is_counted_only_when_it_is_looked_at) {
  Metrics metrics;
  double value = 1;
  auto handle = metrics.before_render([&] { metrics.set_gauge("g", "G.", {}, value++); });
  EXPECT_TRUE(metrics.render().ends_with("g 1\n"));
  EXPECT_TRUE(metrics.render().ends_with("g 2\n"));
  handle.reset();
  EXPECT_TRUE(metrics.render().ends_with("g 2\n"));
}

}  // namespace
}  // namespace core
