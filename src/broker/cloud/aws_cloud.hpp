// The cloud that AWS is.
#pragma once

#include <map>
#include <memory>

#include "aws/session.hpp"
#include "broker/cloud/cloud.hpp"

namespace broker {

// Trust policies of target roles may ask for it.
inline constexpr const char* role_session_name = "aws-servicebroker";

class AwsClouds final : public CloudProvider {
 public:
  // `session` is the broker's own and outlives this.
  explicit AwsClouds(aws::Session& session);
  ~AwsClouds() override;
  [[nodiscard]] Cloud& cloud(const Placement& placement) override;

 private:
  class AwsCloud;
  aws::Session& session_;
  std::map<Placement, std::unique_ptr<AwsCloud>> clouds_;
};

}  // namespace broker
