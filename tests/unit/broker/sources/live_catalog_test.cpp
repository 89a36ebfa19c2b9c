// The catalog that is offered while its source changes, fails and comes back.
#include "broker/sources/live_catalog.hpp"

#include <deque>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/task_group.hpp"
#include "testing/manual_clock.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/catalog_json.hpp"
#include "tests/unit/broker/sources/template_text.hpp"

namespace broker {
namespace {

using testing::HasSubstr;

using Answer = core::Result<std::optional<TemplateSet>>;

Answer classes(const std::vector<std::string>& names) {
  TemplateSet set;
  for (const std::string& name : names)
    set.templates.push_back(
        std::make_shared<const Template>(*parse_template(test::template_of(name), "test")));
  return std::optional(std::move(set));
}

class ScriptedSource final : public TemplateSource {
 public:
  std::string name() const override { return "the test"; }
  async::Task<Answer> refresh() override {
    ++calls;
    co_return next;
  }
  Answer next = std::optional<TemplateSet>();
  int calls = 0;
};

class Live : public testing::Test {
 protected:
  core::Result<bool> refresh(Answer answer) {
    source_.next = std::move(answer);
    return fakes::run(io_, live_.refresh());
  }
  // Lets everything that can go on without time passing go on.
  void settle() {
    io_.restart();
    while (io_.poll() > 0) {
    }
  }
  std::vector<std::string> offered() const { return test::names_of(live_.current()->templates()); }

  boost::asio::io_context io_{1};
  fakes::ManualClock clock_{io_.get_executor()};
  core::Metrics metrics_;
  ScriptedSource source_;
  LiveCatalog live_{
      io_.get_executor(), test::ids(), {}, {.source = source_, .clock = clock_, .metrics = metrics_}};
};

TEST_F(Live, offers_what_the_source_gives_and_keeps_it_while_the_source_fails) {
  EXPECT_TRUE(live_.why_empty());
  EXPECT_TRUE(*refresh(classes({"ant"})));
  EXPECT_EQ(offered(), std::vector<std::string>{"ant"});
  EXPECT_EQ(live_.why_empty(), std::nullopt);
  const auto before = live_.current();
  EXPECT_FALSE(*refresh(std::optional<TemplateSet>()));
  EXPECT_FALSE(refresh(core::fail(core::ErrorKind::unavailable, "no route")));
  EXPECT_EQ(live_.current(), before);
  EXPECT_EQ(live_.why_empty(), std::nullopt);
  EXPECT_THAT(metrics_.render(), HasSubstr("aws_sb_template_refreshes_total{outcome=\"unavailable\"} 1"));
  EXPECT_THAT(metrics_.render(), HasSubstr("aws_sb_catalog_classes 1"));
}

TEST_F(Live, says_why_it_is_empty) {
  EXPECT_FALSE(refresh(core::fail(core::ErrorKind::unavailable, "no route to the bucket")));
  EXPECT_THAT(*live_.why_empty(), HasSubstr("no route to the bucket"));
  EXPECT_TRUE(*refresh(classes({})));
  EXPECT_THAT(*live_.why_empty(), HasSubstr("the test has no template"));
  Answer broken = classes({});
  (**broken).problems.emplace_back("template x: it has no Name");
  EXPECT_TRUE(*refresh(std::move(broken)));
  EXPECT_THAT(*live_.why_empty(), HasSubstr("template x"));
}

TEST_F(Live, reads_the_source_every_ten_minutes_and_when_it_is_asked) {
  EXPECT_TRUE(*refresh(classes({"ant"})));
  std::vector<std::shared_ptr<const Catalog>> told;
  async::TaskGroup tasks(io_.get_executor());
  tasks.spawn("run", live_.run([&told](auto catalog) { told.push_back(std::move(catalog)); }));
  settle();
  clock_.advance(std::chrono::minutes(9));
  settle();
  EXPECT_EQ(source_.calls, 1);
  source_.next = classes({"ant", "bee"});
  clock_.advance(std::chrono::minutes(1));
  settle();
  EXPECT_EQ(source_.calls, 2);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0], live_.current());
  source_.next = std::optional<TemplateSet>();
  live_.ask_for_refresh();
  settle();
  EXPECT_EQ(source_.calls, 3);
  EXPECT_EQ(told.size(), 1U) << "nothing new";
  tasks.cancel();
  fakes::run(io_, tasks.join());
}

TEST_F(Live, does_not_wait_ten_minutes_while_nothing_is_offered) {
  EXPECT_FALSE(refresh(core::fail(core::ErrorKind::unavailable, "no route")));
  async::TaskGroup tasks(io_.get_executor());
  tasks.spawn("run", live_.run([](const auto&) {}));
  settle();
  source_.next = classes({"ant"});
  clock_.advance(std::chrono::seconds(15));
  settle();
  EXPECT_EQ(offered(), std::vector<std::string>{"ant"});
  tasks.cancel();
  fakes::run(io_, tasks.join());
}

}  // namespace
}  // namespace broker
