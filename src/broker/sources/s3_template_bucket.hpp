// The bucket of templates as what CloudFormation reads long ones from. What is sent is not the bucket's own
// object, which may be changed any time, but the body that instances are pinned to: an object of its digest.
//
// Needs s3:GetObject and s3:PutObject below `sent_templates`. CloudFormation reads with the rights of who
// calls it, the broker or the role that it takes. Nothing removes the objects: CloudFormation needs one only
// during the call, so that who wants to may remove them.
#pragma once

#include "aws/s3.hpp"
#include "broker/cloud/template_bucket.hpp"

namespace broker {

// What their keys begin with. Templates that are offered are not looked for there.
inline constexpr std::string_view sent_templates = "aws-service-broker/sent-templates/";

class S3TemplateBucket final : public TemplateBucket {
 public:
  // The session's region is the bucket's.
  S3TemplateBucket(aws::SessionOptions session, std::string bucket)
      : session_(std::move(session)), bucket_(std::move(bucket)) {}

  [[nodiscard]] async::Task<core::Result<std::string>> put(std::shared_ptr<const Template> service) override;

 private:
  aws::Session session_;
  aws::S3 s3_{session_};
  std::string bucket_;
};

}  // namespace broker
