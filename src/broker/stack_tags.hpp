// The tags by which a stack is known to be an instance's.
#pragma once

#include "aws/cloudformation.hpp"
#include "broker/parameters.hpp"

namespace broker {

inline constexpr const char* instance_tag = "aws-service-broker:instance-id";
inline constexpr const char* broker_tag = "aws-service-broker:broker-id";
inline constexpr const char* cluster_tag = "aws-service-broker:cluster";
inline constexpr const char* namespace_tag = "aws-service-broker:namespace";

[[nodiscard]] inline bool has_tag(const aws::Stack& stack, std::string_view key, std::string_view value) {
  for (const auto& [name, text] : stack.tags) {
    if (name == key) return text == value;
  }
  return false;
}

}  // namespace broker
