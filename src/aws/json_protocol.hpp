// The JSON protocols (DynamoDB 1.0, Secrets Manager and SSM 1.1): the operation in X-Amz-Target, JSON in and
// out.
#pragma once

#include <string>

#include "aws/session.hpp"
#include "core/json.hpp"

namespace aws {

// target_prefix: "DynamoDB_20120810", "AmazonSSM". Error: protocol (the answer is no JSON object).
[[nodiscard]] async::Task<core::Result<boost::json::object>> call_json(Session& session, Service service,
                                                                       std::string json_version,
                                                                       std::string target_prefix,
                                                                       std::string operation,
                                                                       boost::json::object input);

}  // namespace aws
