// Where a person finds a stack in the AWS console; the dashboard_url of instances. Pure.
#pragma once

#include <string>
#include <string_view>

namespace broker {

// Of the partition and region that the stack's ARN names; "" for what is no ARN of a stack.
[[nodiscard]] std::string console_url(std::string_view stack_id);

}  // namespace broker
