// Long templates in the bucket: the requests, and whose error it is where they are refused.
#include "broker/sources/s3_template_bucket.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/manual_clock.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/answered_session.hpp"
#include "tests/unit/broker/sources/template_text.hpp"

namespace broker {
namespace {

using core::ErrorKind;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class SentTemplates : public testing::Test {
 protected:
  core::Result<std::string> put() {
    asked_.clear();
    return fakes::run(io_, bucket_.put(service_));
  }
  static net::Response refusal(int status, const std::string& code) {
    return {.status = status,
            .headers = {},
            .body = "<Error><Code>" + code + "</Code><Message>no</Message></Error>"};
  }

  boost::asio::io_context io_{1};
  std::shared_ptr<const Template> service_ = std::make_shared<const Template>(
      *parse_template(test::template_of("ant", std::string(max_request_bytes, 'd')), "test"));
  const std::string key_ = "/aws-service-broker/sent-templates/" + service_->digest + ".json";
  std::vector<std::string> asked_;
  std::optional<std::string> object_;
  std::optional<net::Response> get_answer_, put_answer_;  // in place of what the object gives

 private:
  async::Task<net::Response> handle(const net::Request& request) {
    asked_.push_back(request.method + " " + std::string(request.headers.get("Host")) + request.target);
    if (request.method == "PUT") {
      EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
      if (put_answer_) co_return *put_answer_;
      object_ = request.body;
      co_return net::Response{.status = 200, .headers = {}, .body = {}};
    }
    if (get_answer_) co_return *get_answer_;
    if (!object_) co_return refusal(404, "NoSuchKey");
    co_return net::Response{.status = 200, .headers = {}, .body = *object_};
  }

  static aws::SessionOptions without_retries(aws::SessionOptions options) {
    options.retries.max_attempts = 1;
    return options;
  }

  fakes::ManualClock clock_{io_.get_executor()};
  aws::SessionOptions session_{without_retries(
      test::answered_session(io_.get_executor(), clock_, "cn-north-1", "AKIA",
                             [this](const net::Request& request) { return handle(request); }))};

 protected:
  S3TemplateBucket bucket_{session_, "shelf"};
};

TEST_F(SentTemplates, are_written_once_and_told_by_their_address) {
  const std::string host = "shelf.s3.cn-north-1.amazonaws.com.cn";
  EXPECT_EQ(put(), "https://" + host + key_);
  EXPECT_THAT(asked_, ElementsAre("GET " + host + key_, "PUT " + host + key_));
  ASSERT_TRUE(object_);
  EXPECT_TRUE(*object_ == service_->body);
  EXPECT_EQ(put(), "https://" + host + key_);
  EXPECT_THAT(asked_, ElementsAre("GET " + host + key_));
}

TEST_F(SentTemplates, replace_what_someone_else_has_put_in_their_place) {
  object_ = "{\"Resources\": {\"Another\": {}}}";
  ASSERT_TRUE(put());
  EXPECT_TRUE(*object_ == service_->body);
}

TEST_F(SentTemplates, are_written_too_where_a_bucket_that_may_not_be_listed_hides_what_is_missing) {
  get_answer_ = refusal(403, "AccessDenied");
  ASSERT_TRUE(put());
  EXPECT_TRUE(*object_ == service_->body);
}

TEST_F(SentTemplates, that_are_refused_are_the_operators_error_with_what_to_do) {
  const struct {
    int status;
    const char* code;
    const char* advice;
  } table[] = {
      {403, "AccessDenied",
       "the broker needs s3:GetObject and s3:PutObject for s3://shelf/aws-service-broker"},
      {404, "NoSuchBucket", "--s3Bucket"},
      {301, "PermanentRedirect", "--s3Region"},
  };
  for (const auto& each : table) {
    put_answer_ = refusal(each.status, each.code);
    const auto refused = put();
    ASSERT_FALSE(refused) << each.code;
    EXPECT_EQ(refused.error().kind, ErrorKind::internal) << each.code;
    EXPECT_THAT(refused.error().message,
                AllOf(HasSubstr("template of ant"), HasSubstr(each.code), HasSubstr(each.advice)));
  }
}

TEST_F(SentTemplates, are_tried_again_later_where_the_bucket_does_not_answer) {
  get_answer_ = refusal(503, "SlowDown");
  EXPECT_TRUE(put().error().retryable());
  get_answer_.reset();
  put_answer_ = refusal(503, "SlowDown");
  EXPECT_TRUE(put().error().retryable());
}

}  // namespace
}  // namespace broker
