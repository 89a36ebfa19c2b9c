// Templates of a bucket: pages, what is read again, and what is said where it cannot be read.
#include "broker/sources/s3_source.hpp"

#include <map>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/manual_clock.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/answered_session.hpp"
#include "tests/unit/broker/sources/template_text.hpp"

namespace broker {
namespace {

using test::names_of;
using test::template_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct Failure {
  int status;
  std::string code;
};

// One bucket with pages of two keys.
class Bucket : public testing::Test {
 protected:
  void put(const std::string& key, std::string text) {
    objects_[key] = {.text = std::move(text), .version = ++writes_};
  }
  core::Result<std::optional<TemplateSet>> refresh() {
    read_.clear();
    return fakes::run(io_, source_.refresh());
  }
  TemplateSet changed() {
    auto set = refresh();
    EXPECT_TRUE(set && *set) << (set ? "unchanged" : set.error().message);
    return set.value_or(std::nullopt).value_or(TemplateSet());
  }

  struct Object {
    std::string text;
    int version = 0;
    std::size_t listed_size = 0;  // 0: the text's
  };
  boost::asio::io_context io_{1};
  std::map<std::string, Object> objects_;
  std::map<std::string, Failure> failures_;  // by key; "" for the listing
  std::vector<std::string> read_;            // keys, since the last refresh began
  int pages_ = 0;

 private:
  async::Task<net::Response> handle(const net::Request& request) {
    EXPECT_EQ(request.headers.get("Host"), "shelf.s3.eu-west-1.amazonaws.com");
    const net::Query query = net::Query::parse(request.query());
    const bool lists = query.get("list-type") == "2";
    const std::string key(lists ? "" : request.path().substr(1));
    if (!lists) read_.push_back(key);
    if (const auto failure = failures_.find(key); failure != failures_.end())
      co_return net::Response{
          .status = failure->second.status,
          .headers = {},
          .body = "<Error><Code>" + failure->second.code + "</Code><Message>no</Message></Error>"};
    if (lists) co_return net::Response{.status = 200, .headers = {}, .body = page(query)};
    co_return net::Response{.status = 200, .headers = {}, .body = objects_.at(key).text};
  }
  std::string page(const net::Query& query) {
    ++pages_;
    const std::string prefix(query.get("prefix"));
    std::string body = "<ListBucketResult>";
    int keys = 0;
    for (const auto& [key, object] : objects_) {
      if (!key.starts_with(prefix) || key <= query.get("continuation-token")) continue;
      body += "<Contents><Key>" + key + "</Key><ETag>\"" + std::to_string(object.version) +
              "\"</ETag><LastModified>2026-01-31T10:00:00Z</LastModified><Size>" +
              std::to_string(object.listed_size != 0 ? object.listed_size : object.text.size()) +
              "</Size></Contents>";
      if (++keys == 2) {
        body += "<NextContinuationToken>" + key + "</NextContinuationToken>";
        break;
      }
    }
    return body + "</ListBucketResult>";
  }

  fakes::ManualClock clock_{io_.get_executor()};

 protected:
  aws::Session session_{
      test::answered_session(io_.get_executor(), clock_, "eu-west-1", "AKIA",
                             [this](const net::Request& request) { return handle(request); })};
  S3Source source_{session_.options(), {.bucket = "shelf", .prefix = "templates/latest"}, {}};

 private:
  int writes_ = 0;
};

TEST_F(Bucket, gives_the_templates_of_all_pages_under_the_prefix) {
  for (const char* name : {"ant", "bee", "cat", "dog", "elk"})
    put("templates/latest/" + std::string(name) + "-main.yaml", template_of(name));
  put("templates/latest/notes.txt", "no template");
  put("templates/latest-but-one/fly-main.yaml", template_of("fly"));
  put("gnu-main.yaml", template_of("gnu"));
  const TemplateSet set = changed();
  EXPECT_THAT(names_of(set), ElementsAre("ant", "bee", "cat", "dog", "elk"));
  EXPECT_THAT(set.problems, IsEmpty());
  EXPECT_EQ(pages_, 4);
  EXPECT_EQ(source_.name(), "s3://shelf/templates/latest/ in eu-west-1");
}

TEST_F(Bucket, reads_only_what_is_new_or_has_changed) {
  put("templates/latest/ant-main.yaml", template_of("ant"));
  put("templates/latest/bee-main.yaml", template_of("bee"));
  changed();
  EXPECT_THAT(read_,
              UnorderedElementsAre("templates/latest/ant-main.yaml", "templates/latest/bee-main.yaml"));
  EXPECT_EQ(*refresh(), std::nullopt);
  EXPECT_THAT(read_, IsEmpty());
  put("templates/latest/bee-main.yaml", template_of("bee", "new"));
  put("templates/latest/cat-main.yaml", template_of("cat"));
  EXPECT_THAT(names_of(changed()), ElementsAre("ant", "bee", "cat"));
  EXPECT_THAT(read_,
              UnorderedElementsAre("templates/latest/bee-main.yaml", "templates/latest/cat-main.yaml"));
  objects_.erase("templates/latest/ant-main.yaml");
  EXPECT_THAT(names_of(changed()), ElementsAre("bee", "cat"));
  EXPECT_THAT(read_, IsEmpty());
}

TEST_F(Bucket, names_an_object_that_cannot_be_read_and_tries_it_again) {
  put("templates/latest/ant-main.yaml", template_of("ant"));
  put("templates/latest/bee-main.yaml", template_of("bee"));
  failures_["templates/latest/ant-main.yaml"] = {.status = 403, .code = "AccessDenied"};
  const TemplateSet set = changed();
  EXPECT_THAT(names_of(set), ElementsAre("bee"));
  EXPECT_THAT(set.problems, ElementsAre(AllOf(HasSubstr("ant-main.yaml"), HasSubstr("s3:GetObject"))));
  EXPECT_EQ(*refresh(), std::nullopt);
  failures_.clear();
  EXPECT_THAT(names_of(changed()), ElementsAre("ant", "bee"));
}

TEST_F(Bucket, does_not_read_an_object_that_is_too_large) {
  put("templates/latest/ant-main.yaml", template_of("ant"));
  objects_["templates/latest/ant-main.yaml"].listed_size = max_template_bytes + 1;
  EXPECT_THAT(changed().problems, ElementsAre(AllOf(HasSubstr("ant-main.yaml"), HasSubstr("1048577 bytes"))));
  EXPECT_THAT(read_, IsEmpty());
}

TEST_F(Bucket, offers_templates_that_are_too_long_for_a_request) {
  put("templates/latest/ant-main.yaml", template_of("ant", std::string(max_request_bytes, 'd')));
  const TemplateSet set = changed();
  EXPECT_THAT(names_of(set), ElementsAre("ant"));
  EXPECT_THAT(set.problems, IsEmpty());
}

TEST_F(Bucket, does_not_take_for_templates_what_it_has_sent) {
  S3Source whole_bucket(session_.options(), {.bucket = "shelf", .prefix = ""}, {.suffix = ".json"});
  put("aws-service-broker/sent-templates/0123.json", template_of("ant"));
  put("bee.json", template_of("bee"));
  const auto set = fakes::run(io_, whole_bucket.refresh());
  ASSERT_TRUE(set && *set);
  EXPECT_THAT(names_of(**set), ElementsAre("bee"));
}

TEST_F(Bucket, that_cannot_be_listed_is_an_error_that_says_where_and_what_to_do) {
  const struct {
    Failure failure;
    const char* advice;
  } table[] = {
      {{404, "NoSuchBucket"}, "--s3Bucket"},
      {{403, "AccessDenied"}, "s3:ListBucket"},
      {{301, "PermanentRedirect"}, "--s3Region"},
      {{400, "AuthorizationHeaderMalformed"}, "--s3Region"},
  };
  for (const auto& each : table) {
    failures_[""] = each.failure;
    const auto set = refresh();
    ASSERT_FALSE(set) << each.failure.code;
    EXPECT_THAT(set.error().message,
                AllOf(HasSubstr("s3://shelf/templates/latest/ in eu-west-1"), HasSubstr(each.advice)));
    EXPECT_FALSE(set.error().retryable()) << each.failure.code;
  }
}

}  // namespace
}  // namespace broker
