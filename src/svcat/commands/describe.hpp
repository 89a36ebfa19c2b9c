// svcat describe: one object with what belongs to it.
#pragma once

#include <string>

#include "svcat/describe.hpp"

namespace svcat {

struct DescribeRequest {
  Kind kind = Kind::instance;
  Place place;
  std::string name;
  SecretValues secret_values = SecretValues::hidden;  // of a binding
};

// What is to be printed.
[[nodiscard]] async::Task<core::Result<std::string>> describe(Reader& reader, DescribeRequest request);

}  // namespace svcat
