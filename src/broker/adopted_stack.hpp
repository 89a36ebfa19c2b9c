// A stack that a provision found where no record tells of the instance: whether it is whole, and whether it
// is what the request asks for. Pure.
#pragma once

#include <string>
#include <string_view>

#include "aws/cloudformation.hpp"
#include "broker/parameters.hpp"
#include "broker/records.hpp"

namespace broker {

enum class FoundState {
  whole,  // all its resources are there; it may still tidy up after an update
  busy,   // CloudFormation is at work on it
  broken,
};
[[nodiscard]] FoundState found_state_of(std::string_view stack_status);

// What a broken stack's user and operator can do, after a sentence that names stack and status.
[[nodiscard]] std::string way_out_of(std::string_view stack_status);

// The first parameter, or user_tags, whose value is not what is asked for, as a clause for people:
// "DelaySeconds is 5, but 9 is requested"; "" where all are. What plan or administrator prescribe now is not
// compared: the stack keeps what it has. CloudFormation does not tell secret values (NoEcho).
[[nodiscard]] std::string difference_of(const aws::Stack& stack, const Selection& selection,
                                        const StackParameters& asked,
                                        const boost::json::value& user_parameters);

// What the stack is made with, by its own word: {"parameters": {…}, "tags": {…}} with nothing sealed. Secret
// values are those that were asked for.
[[nodiscard]] boost::json::object stack_input_of(const aws::Stack& stack, const Template& service,
                                                 const StackParameters& asked);

}  // namespace broker
