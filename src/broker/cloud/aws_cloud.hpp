// The cloud that AWS is.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "aws/session.hpp"
#include "broker/cloud/cloud.hpp"

namespace broker {

class AwsClouds final : public CloudProvider {
 public:
  // `session` is the broker's own and outlives this.
  explicit AwsClouds(aws::Session& session);
  ~AwsClouds() override;
  [[nodiscard]] Cloud& cloud(const std::string& region, const std::string& role_arn) override;

 private:
  class AwsCloud;
  aws::Session& session_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<AwsCloud>> clouds_;
};

}  // namespace broker
