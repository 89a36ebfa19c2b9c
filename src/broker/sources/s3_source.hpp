// Templates of an S3 bucket, as the Go broker reads them: every object under the prefix whose key has the
// filter's suffix (broker.md, "A template"). Needs s3:ListBucket and s3:GetObject.
#pragma once

#include "aws/s3.hpp"
#include "broker/sources/listed_source.hpp"

namespace broker {

struct S3Location {
  std::string bucket;
  std::string prefix;  // "" for the whole bucket; a '/' at its end is added where it is missing
};

class S3Source final : public ListedSource {
 public:
  // The session's region is the bucket's, which may be another one than the broker's. Templates that are too
  // long for a request are offered too: an S3TemplateBucket sends them.
  S3Source(aws::SessionOptions session, S3Location location, TemplateFilter filter);

  [[nodiscard]] std::string name() const override;

 private:
  [[nodiscard]] async::Task<core::Result<std::vector<ListedTemplate>>> list() override;
  [[nodiscard]] async::Task<core::Result<std::string>> read(std::string name) override;

  aws::Session session_;
  aws::S3 s3_{session_};
  S3Location location_;
};

}  // namespace broker
