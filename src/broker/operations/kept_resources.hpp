// What the deletion of a stack has left in the account, for the user to know of: by its events, which tell
// the resources that CloudFormation skipped, and by its template, which alone tells of snapshots. Pure.
// Source: AWS CloudFormation User Guide, "DeletionPolicy attribute".
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aws/cloudformation.hpp"
#include "broker/replacement/replacement.hpp"

namespace broker {

// The logical ids of the resources of which CloudFormation takes a snapshot before it deletes them. Empty
// where the template's loops cannot be told.
[[nodiscard]] std::set<std::string> snapshots_of(const StackDesign& design);

// "The stack is deleted. Its DeletionPolicy kept: AWS::S3::Bucket my-bucket, AWS::S3::Bucket my-logs." At
// most 700 bytes: what does not fit is counted.
[[nodiscard]] std::string deletion_text(const std::vector<aws::StackEvent>& newest_first,
                                        std::string_view stack_name, const std::set<std::string>& snapshots);

}  // namespace broker
