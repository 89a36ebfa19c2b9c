#include "broker/operations/stack_state.hpp"

#include <ranges>

namespace broker {

namespace {

constexpr std::size_t most_named = 3;
constexpr std::size_t longest_description = 1000;

// In whole characters of UTF-8.
std::string shortened(const std::string& text) {
  if (text.size() <= longest_description) return text;
  std::size_t end = longest_description;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

}  // namespace

osb::OperationState state_of(std::string_view stack_status) {
  if (stack_status == "CREATE_COMPLETE" || stack_status == "UPDATE_COMPLETE" ||
      stack_status == "DELETE_COMPLETE") {
    return osb::OperationState::succeeded;
  }
  const bool rolls_back = stack_status.find("ROLLBACK") != std::string_view::npos;
  if (stack_status.ends_with("_IN_PROGRESS") && !rolls_back) return osb::OperationState::in_progress;
  return osb::OperationState::failed;
}

std::string failure_reasons(const std::vector<aws::StackEvent>& newest_first) {
  std::string reasons;
  for (const aws::StackEvent& event : std::views::reverse(newest_first)) {
    const bool failed =
        event.status.ends_with("_FAILED") && event.resource_type != "AWS::CloudFormation::Stack";
    if (!failed || event.reason.empty() || event.reason.ends_with(" cancelled") ||
        event.reason.ends_with(" cancelled."))
      continue;
    const std::string reason = (reasons.empty() ? "" : "; ") + event.logical_id + ": " + event.reason;
    if (reasons.empty()) {
      reasons = shortened(reason);  // whatever its length: it is the cause
    } else {
      if (reasons.size() + reason.size() > longest_description) break;
      reasons += reason;
    }
  }
  return reasons;
}

std::string stack_failure(const std::vector<aws::StackEvent>& newest_first) {
  for (const aws::StackEvent& event : std::views::reverse(newest_first)) {
    const bool is_stack = event.resource_type == "AWS::CloudFormation::Stack";
    if (is_stack && event.status.ends_with("_FAILED") && !event.reason.empty()) return event.reason;
  }
  return {};
}

std::string progress_text(const std::vector<aws::StackResource>& resources, std::size_t total) {
  std::size_t done = 0;
  std::size_t named = 0;
  std::string creating;
  for (const aws::StackResource& resource : resources) {
    if (resource.status == "CREATE_COMPLETE") ++done;
    if (resource.status != "CREATE_IN_PROGRESS" || ++named > most_named) continue;
    creating += (creating.empty() ? "; creating " : ", ") + resource.logical_id;
  }
  return std::to_string(done) + " of " + std::to_string(total) + " resources created" + creating;
}

}  // namespace broker
