// Templates outlive their place in the catalog while an instance needs them.
#include "broker/pinned_templates.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/store/sqlite_store.hpp"
#include "testing/manual_clock.hpp"
#include "testing/run.hpp"

namespace broker {
namespace {

using core::ErrorKind;
using testing::ElementsAre;
using testing::IsEmpty;

class Pinned : public testing::Test {
 protected:
  static std::shared_ptr<const Template> template_of(const std::string& description) {
    return std::make_shared<const Template>(*parse_template(
        "Description: " + description +
            "\nMetadata: {AWS::ServiceBroker::Specification: {Name: s3, Bindings: {IAM: {AddKeypair: true}}, "
            "ServicePlans: {p: {Description: d}}}}\nResources: {R: {Type: T}}\n",
        "test"));
  }
  template <class T>
  T run(async::Task<T> task) {
    return fakes::run(io_, std::move(task));
  }
  std::vector<std::int64_t> kept_times() {
    std::vector<std::int64_t> times;
    for (const StoredTemplate& each : *run(store_->list_templates())) times.push_back(each.kept_at);
    return times;
  }

  boost::asio::io_context io_{1};
  async::BlockingPool pool_{1};
  fakes::ManualClock clock_{io_.get_executor()};
  std::unique_ptr<SqliteStore> store_ = *SqliteStore::open(pool_, ":memory:");
  PinnedTemplates pinned_{*store_, clock_};
  PinnedTemplates after_restart_{*store_, clock_};
};

TEST_F(Pinned, gives_back_what_was_kept_also_after_a_restart) {
  const auto service = template_of("one");
  ASSERT_TRUE(run(pinned_.keep(service)));
  EXPECT_EQ(*run(pinned_.find(service->digest)), service) << "shared, not parsed again";
  const auto read = run(after_restart_.find(service->digest));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ((*read)->body, service->body);
  EXPECT_EQ((*read)->digest, service->digest);
  EXPECT_EQ(*run(after_restart_.find(service->digest)), *read);
}

TEST_F(Pinned, gives_back_every_byte_of_a_long_one) {
  const auto service = std::make_shared<const Template>(
      *parse_template("Description: \"caf\u00e9 \\x7f \\x85 \\u2028 \\t\"\n"
                      "Metadata: {AWS::ServiceBroker::Specification: {Name: s3, Version: 1.0, "
                      "ServicePlans: {p: {Description: " +
                          std::string(max_request_bytes, 'd') +
                          "}}}}\nResources: {R: {Type: T, Properties: {A: 1.50, B: 12345678901234567890, C: "
                          "0x1F, D: 1e3, E: 2010-09-09, F: 'yes', G: 1E+400, H: -0.0}}}\n",
                      "test"));
  ASSERT_GT(service->body.size(), max_request_bytes);
  ASSERT_TRUE(run(pinned_.keep(service)));
  const auto read = run(after_restart_.find(service->digest));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE((*read)->body == service->body);
  EXPECT_EQ((*read)->digest, service->digest);
  EXPECT_EQ((*read)->maintenance_version, service->maintenance_version);
}

TEST_F(Pinned, says_what_it_does_not_know) {
  EXPECT_EQ(run(pinned_.find("0123")).error().kind, ErrorKind::not_found);
}

TEST_F(Pinned, writes_once_in_ten_minutes) {
  const auto service = template_of("one");
  ASSERT_TRUE(run(pinned_.keep(service)));
  const auto first = kept_times();
  clock_.advance(std::chrono::minutes(9));
  ASSERT_TRUE(run(pinned_.keep(service)));
  EXPECT_EQ(kept_times(), first);
  clock_.advance(std::chrono::minutes(1));
  ASSERT_TRUE(run(pinned_.keep(service)));
  EXPECT_THAT(kept_times(), ElementsAre(first.at(0) + 600));
}

TEST_F(Pinned, removes_what_no_record_refers_to_but_nothing_that_is_being_recorded) {
  const auto used = template_of("used");
  const auto unused = template_of("unused");
  const auto young = template_of("young");
  ASSERT_TRUE(run(pinned_.keep(used)));
  ASSERT_TRUE(run(pinned_.keep(unused)));
  clock_.advance(std::chrono::minutes(59));
  ASSERT_TRUE(run(pinned_.keep(young)));
  ASSERT_TRUE(run(after_restart_.remove_all_but({used->digest})));
  EXPECT_EQ(kept_times().size(), 3U) << "all are younger than an hour";
  clock_.advance(std::chrono::minutes(1));
  ASSERT_TRUE(run(after_restart_.remove_all_but({used->digest})));
  EXPECT_TRUE(run(after_restart_.find(used->digest)));
  EXPECT_TRUE(run(after_restart_.find(young->digest)));
  EXPECT_EQ(run(after_restart_.find(unused->digest)).error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace broker
