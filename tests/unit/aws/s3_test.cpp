// Addresses of objects.
#include "aws/s3.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "testing/manual_clock.hpp"

namespace aws {
namespace {

class ObjectUrls : public testing::Test {
 protected:
  core::Result<std::string> url_of(
      const std::string& bucket, const std::string& region,
      Environment environment = [](const std::string&) { return ""; }) {
    Session session({.region = region,
                     .credentials = {},
                     .transports = {},
                     .clock = &clock_,
                     .environment = std::move(environment),
                     .observer = {},
                     .retries = {}});
    return S3(session).object_url(bucket, "a b/c~d.json");
  }

 private:
  boost::asio::io_context io_{1};
  fakes::ManualClock clock_{io_.get_executor()};
};

TEST_F(ObjectUrls, are_where_aws_has_the_object) {
  // Compared with where botocore sends its requests.
  const struct {
    const char *bucket, *region, *url;
  } rows[] = {
      {"shelf", "us-east-1", "https://shelf.s3.us-east-1.amazonaws.com/a%20b/c~d.json"},
      {"shelf", "eu-west-1", "https://shelf.s3.eu-west-1.amazonaws.com/a%20b/c~d.json"},
      {"shelf", "cn-north-1", "https://shelf.s3.cn-north-1.amazonaws.com.cn/a%20b/c~d.json"},
      {"shelf", "us-gov-west-1", "https://shelf.s3.us-gov-west-1.amazonaws.com/a%20b/c~d.json"},
      {"my.shelf", "eu-west-1", "https://s3.eu-west-1.amazonaws.com/my.shelf/a%20b/c~d.json"},
      {"my.shelf", "cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn/my.shelf/a%20b/c~d.json"},
  };
  for (const auto& row : rows) EXPECT_EQ(url_of(row.bucket, row.region), row.url);
}

TEST_F(ObjectUrls, are_aws_s_own_and_in_path_style_where_an_endpoint_is_configured_for_us) {
  const auto emulated = [](const std::string& name) {
    return std::string(name == "AWS_ENDPOINT_URL" ? "http://127.0.0.1:4566" : "");
  };
  EXPECT_EQ(url_of("shelf", "eu-west-1", emulated),
            "https://s3.eu-west-1.amazonaws.com/shelf/a%20b/c~d.json");
}

TEST_F(ObjectUrls, take_a_bucket_and_a_region) {
  for (const char* bucket : {"", "a/b"})
    EXPECT_EQ(url_of(bucket, "us-east-1").error().kind, core::ErrorKind::invalid);
  EXPECT_EQ(url_of("shelf", "").error().kind, core::ErrorKind::invalid);
}

}  // namespace
}  // namespace aws
