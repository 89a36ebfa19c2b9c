// Lambda, only Invoke (docs.aws.amazon.com/lambda/latest/api/API_Invoke.html).
#pragma once

#include <string>

#include "aws/session.hpp"

namespace aws {

class Lambda {
 public:
  explicit Lambda(Session& session) : session_(session) {}
  // Waits for the function's answer. Error: unprocessable where the function itself failed (its
  // errorMessage).
  [[nodiscard]] async::Task<core::Result<std::string>> invoke(std::string function, std::string payload);

 private:
  Session& session_;
};

}  // namespace aws
