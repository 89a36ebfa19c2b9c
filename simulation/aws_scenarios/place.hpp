// Where scenarios of AWS's behaviour take place: in the model, or at an endpoint.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "aws/cloudformation.hpp"
#include "aws/dynamodb.hpp"
#include "aws/iam.hpp"
#include "aws/kms.hpp"
#include "aws/lambda.hpp"
#include "aws/s3.hpp"
#include "aws/secrets_manager.hpp"
#include "aws/ssm.hpp"
#include "aws/sts.hpp"

namespace scenarios {

struct Place {
  aws::Session& session;
  // A moment passes; stacks go on.
  std::function<async::Task<>()> wait;
  // Makes what the clients have no calls for: a bucket; the table "scenarios" with the index of the broker's.
  std::function<async::Task<core::Result<>>(std::string)> make_bucket;

  aws::CloudFormation cloudformation{session};
  aws::Iam iam{session};
  aws::DynamoDb dynamodb{session};
  aws::Ssm ssm{session};
  aws::SecretsManager secrets{session};
  aws::Lambda lambda{session};
  aws::S3 s3{session};
  aws::Sts sts{session};
  aws::Kms kms{session};

  // What is compared: "scenario: what: value", in order.
  std::vector<std::string> facts;
  std::string scenario;
  void note(const std::string& what, const std::string& value) {
    facts.push_back(scenario + ": " + what + ": " + value);
  }

  // The value of a result for a fact: "ok", or AWS's code.
  template <class T>
  static std::string outcome(const core::Result<T>& result) {
    if (result) return "ok";
    return result.error().code.empty() ? std::string(core::to_string(result.error().kind))
                                       : result.error().code;
  }
};

[[nodiscard]] async::Task<> play_stacks(Place& place);
[[nodiscard]] async::Task<> play_services(Place& place);

}  // namespace scenarios
