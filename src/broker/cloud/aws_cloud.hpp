// The cloud that AWS is.
#pragma once

#include <map>
#include <memory>

#include "aws/session.hpp"
#include "broker/access_keys.hpp"
#include "broker/cloud/cloud.hpp"

namespace broker {

// Trust policies of target roles may ask for it.
inline constexpr const char* role_session_name = "aws-servicebroker";

// What a session in the name of those keys is made with. `own`: the broker's.
[[nodiscard]] aws::SessionOptions with_keys(aws::SessionOptions own, std::string id, std::string secret);

class AwsClouds final : public CloudProvider {
 public:
  // `session` is the broker's own and outlives this. `keys`: of other accounts, that placements name by their
  // id.
  AwsClouds(aws::Session& session, AccessKeys keys);
  ~AwsClouds() override;
  [[nodiscard]] Cloud& cloud(const Placement& placement) override;

 private:
  class AwsCloud;
  // By which the broker gets into a role, and works where there is none: its own session, or one of the
  // placement's keys.
  [[nodiscard]] aws::Session& identity_of(const Placement& placement);

  aws::Session& session_;
  AccessKeys keys_;
  std::map<Placement, std::unique_ptr<aws::Session>> sessions_of_keys_;
  std::map<Placement, std::unique_ptr<AwsCloud>> clouds_;
};

}  // namespace broker
