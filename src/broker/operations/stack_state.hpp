// What a stack's status means for an operation on the instance. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/cloudformation.hpp"
#include "osb/types.hpp"

namespace broker {

// Of a creation. Only a stack that never was whole has failed: one whose later update or import was rolled
// back, or could not be, was created, and may hold data. CREATE_COMPLETE, and what comes after it →
// succeeded; CREATE_IN_PROGRESS, and an update that is under way → in progress; else failed.
[[nodiscard]] osb::OperationState creation_state_of(std::string_view stack_status);

// The reasons of the resources that failed, the first cause first; those that were only cancelled because of
// it are left out. "" for none.
[[nodiscard]] std::string failure_reasons(const std::vector<aws::StackEvent>& newest_first);

// The reason that the stack itself gives for its failure; "" for none.
[[nodiscard]] std::string stack_failure(const std::vector<aws::StackEvent>& newest_first);

// Those of the last operation on the stack, of all that there ever were.
[[nodiscard]] std::vector<aws::StackEvent> events_of_last_operation(std::vector<aws::StackEvent> newest_first,
                                                                    std::string_view stack_name);

// "3 of 7 resources created; creating S3bucket, LoggingBucket"
[[nodiscard]] std::string progress_text(const std::vector<aws::StackResource>& resources, std::size_t total);
// "2 of 7 resources updated; updating S3bucket": those whose status was changed since the update began, by
// CloudFormation's clock.
[[nodiscard]] std::string update_progress_text(const std::vector<aws::StackResource>& resources,
                                               std::string_view begun);

// When a platform should ask again after an operation that runs for so long; nullopt: as soon as it likes.
// The header takes whole seconds, and a small stack is made in less.
[[nodiscard]] std::optional<std::chrono::seconds> poll_again_after(std::chrono::milliseconds running);

// CloudFormation will refuse the same again and has begun nothing: the user's to mend. Not what the broker's
// own credentials, throttling or a lost answer have to do with.
[[nodiscard]] bool is_refusal(const core::Error& error);

}  // namespace broker
