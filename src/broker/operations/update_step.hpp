// From what is recorded of an update and what CloudFormation says of the stack to the next step. Pure.
#pragma once

#include <optional>

#include "aws/cloudformation.hpp"
#include "broker/records.hpp"

namespace broker {

enum class UpdateStep {
  wait,               // CloudFormation is at work, on this update or on what has to end before it
  continue_rollback,  // an earlier update was left half undone; UpdateStack is refused until that has ended
  send,               // UpdateStack
  commit,             // it is done: what was wanted becomes the truth
  undone,             // CloudFormation rolled back: the old parameters are still the truth
  stuck,              // CloudFormation could not roll back: the instance is neither as it was nor as wanted
  lost,               // the stack is gone or being deleted by someone else
};

// nullopt: there is no such stack.
[[nodiscard]] UpdateStep next_update_step(const PendingUpdate& update,
                                          const std::optional<aws::Stack>& stack);

}  // namespace broker
