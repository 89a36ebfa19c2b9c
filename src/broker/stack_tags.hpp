// The tags by which a stack is known to be an instance's, and a user a binding's.
#pragma once

#include <algorithm>

#include "aws/cloudformation.hpp"
#include "broker/records.hpp"

namespace broker {

inline constexpr const char* instance_tag = "aws-service-broker:instance-id";
inline constexpr const char* broker_tag = "aws-service-broker:broker-id";
inline constexpr const char* binding_tag = "aws-service-broker:binding-id";  // of users only
inline constexpr const char* cluster_tag = "aws-service-broker:cluster";
inline constexpr const char* namespace_tag = "aws-service-broker:namespace";

[[nodiscard]] inline bool has_tag(const aws::NameValues& tags, std::string_view key, std::string_view value) {
  for (const auto& [name, text] : tags) {
    if (name == key) return text == value;
  }
  return false;
}

// A stack is an instance's by both tags, never by its name: several brokers may share an account, and names
// are cut and changed to fit.
[[nodiscard]] inline bool is_of_instance(const aws::Stack& stack, std::string_view broker_id,
                                         std::string_view instance_id) {
  return has_tag(stack.tags, broker_tag, broker_id) && has_tag(stack.tags, instance_tag, instance_id);
}

// The same of a stack that was asked for by the recorded id, which no other stack ever has: one with neither
// tag, as early versions of the Go broker made them, is the record's too.
[[nodiscard]] inline bool is_stack_of(const InstanceRecord& record, const aws::Stack& stack,
                                      std::string_view broker_id) {
  if (is_of_instance(stack, broker_id, record.id)) return true;
  const auto is_told = [&](const auto& tag) { return tag.first == broker_tag || tag.first == instance_tag; };
  return !record.stack_id.empty() && stack.id == record.stack_id && std::ranges::none_of(stack.tags, is_told);
}

// Of the record's stack, where its tags say that it is another's.
[[nodiscard]] inline core::Error not_of_instance(const InstanceRecord& record) {
  return {.kind = core::ErrorKind::conflict,
          .message = "The stack " + record.stack_name + " was not created for the instance " + record.id +
                     " by this broker: its tags " + broker_tag + " and " + instance_tag +
                     " say something else. It is not changed."};
}

}  // namespace broker
