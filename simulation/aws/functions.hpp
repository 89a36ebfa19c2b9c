// Lambda functions: what they answer is C++.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "simulation/aws/world.hpp"

namespace simulation {

struct FunctionAnswer {
  std::string payload = "{}";
  bool has_failed = false;  // X-Amz-Function-Error
};
using FunctionCode = std::function<FunctionAnswer(const std::string& payload)>;

struct LambdaFunction {
  std::string name, arn;
  FunctionCode code;
  std::size_t invocations = 0;
};

class FunctionService {
 public:
  explicit FunctionService(World& world) : world_(world) {}
  [[nodiscard]] Answer<> handle(const Call& call);
  [[nodiscard]] const auto& functions() const { return functions_; }

  // Without code: it answers the text values of its payload, and {"Function": its name}.
  Answer<LambdaFunction*> create(const std::string& name, FunctionCode code = {});
  bool remove(const std::string& name) { return functions_.erase(name) > 0; }
  // By its name or ARN.
  [[nodiscard]] LambdaFunction* find(const std::string& id);

 private:
  World& world_;
  std::map<std::string, LambdaFunction> functions_;
};

}  // namespace simulation
