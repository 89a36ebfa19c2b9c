// S3, only what we call (docs.aws.amazon.com/AmazonS3/latest/API).
#pragma once

#include <string>
#include <vector>

#include "aws/session.hpp"

namespace aws {

struct ObjectSummary {
  std::string key;
  std::string etag;  // quoted
  std::string last_modified;
  std::size_t size = 0;
};

class S3 {
 public:
  explicit S3(Session& session) : session_(session) {}

  [[nodiscard]] async::Task<core::Result<std::string>> get_object(std::string bucket, std::string key);
  [[nodiscard]] async::Task<core::Result<>> put_object(std::string bucket, std::string key, std::string body,
                                                       std::string content_type);
  // No error where there is no such object.
  [[nodiscard]] async::Task<core::Result<>> delete_object(std::string bucket, std::string key);
  // All pages.
  [[nodiscard]] async::Task<core::Result<std::vector<ObjectSummary>>> list_objects(std::string bucket,
                                                                                   std::string prefix);
  [[nodiscard]] async::Task<core::Result<>> head_bucket(std::string bucket);

  // Where AWS's own services read the object: at AWS, whatever endpoint is configured for us, and in the
  // style that our requests have. Error: invalid (no name of a bucket or region).
  [[nodiscard]] core::Result<std::string> object_url(const std::string& bucket, const std::string& key) const;

 private:
  // Virtual-host style on AWS, path style where an endpoint is configured (emulators know only that), or the
  // name has a dot (no certificate fits it).
  [[nodiscard]] core::Result<net::Request> request(std::string method, const std::string& bucket,
                                                   const std::string& key) const;
  Session& session_;
};

}  // namespace aws
