#include "broker/operations/stack_state.hpp"

#include <algorithm>
#include <ranges>

#include "core/text.hpp"
#include "core/time.hpp"

namespace broker {

namespace {

constexpr std::string_view stack_type = "AWS::CloudFormation::Stack";
constexpr std::size_t most_named = 3;
constexpr std::size_t longest_description = 1000;

// "; creating A, B, C"
class NamedResources {
 public:
  explicit NamedResources(std::string doing) : doing_(std::move(doing)) {}
  void add(const std::string& name) {
    if (++count_ <= most_named) text_ += (count_ == 1 ? "; " + doing_ + " " : ", ") + name;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string doing_, text_;
  std::size_t count_ = 0;
};

}  // namespace

osb::OperationState creation_state_of(std::string_view status) {
  using osb::OperationState;
  const bool tidies_up = status.ends_with("_CLEANUP_IN_PROGRESS");
  const bool was_whole = status.starts_with("UPDATE_") || status.starts_with("IMPORT_ROLLBACK_");
  if (status.ends_with("_IN_PROGRESS") && !tidies_up) {
    const bool goes_on = was_whole || status == "CREATE_IN_PROGRESS" || status == "IMPORT_IN_PROGRESS";
    return goes_on ? OperationState::in_progress : OperationState::failed;
  }
  const bool is_whole = was_whole || status == "CREATE_COMPLETE" || status == "IMPORT_COMPLETE";
  return is_whole ? OperationState::succeeded : OperationState::failed;
}

std::string failure_reasons(const std::vector<aws::StackEvent>& newest_first) {
  std::string reasons;
  for (const aws::StackEvent& event : std::views::reverse(newest_first)) {
    const bool failed = event.status.ends_with("_FAILED") && event.resource_type != stack_type;
    if (!failed || event.reason.empty() || event.reason.ends_with(" cancelled") ||
        event.reason.ends_with(" cancelled."))
      continue;
    const std::string reason = (reasons.empty() ? "" : "; ") + event.logical_id + ": " + event.reason;
    if (reasons.empty()) {
      reasons = core::shortened(reason, longest_description);  // whatever its length: it is the cause
    } else {
      if (reasons.size() + reason.size() > longest_description) break;
      reasons += reason;
    }
  }
  return reasons;
}

std::string stack_failure(const std::vector<aws::StackEvent>& newest_first) {
  for (const aws::StackEvent& event : std::views::reverse(newest_first)) {
    const bool is_stack = event.resource_type == stack_type;
    if (is_stack && event.status.ends_with("_FAILED") && !event.reason.empty()) return event.reason;
  }
  return {};
}

std::vector<aws::StackEvent> events_of_last_operation(std::vector<aws::StackEvent> newest_first,
                                                      std::string_view stack_name) {
  const auto begin = std::ranges::find_if(newest_first, [&](const aws::StackEvent& event) {
    return event.logical_id == stack_name && event.resource_type == stack_type &&
           (event.status == "CREATE_IN_PROGRESS" || event.status == "UPDATE_IN_PROGRESS" ||
            event.status == "DELETE_IN_PROGRESS");
  });
  newest_first.erase(begin, newest_first.end());
  return newest_first;
}

std::string progress_text(const std::vector<aws::StackResource>& resources, std::size_t total) {
  std::size_t done = 0;
  NamedResources creating("creating");
  for (const aws::StackResource& resource : resources) {
    if (resource.status == "CREATE_COMPLETE") ++done;
    if (resource.status == "CREATE_IN_PROGRESS") creating.add(resource.logical_id);
  }
  return std::to_string(done) + " of " + std::to_string(total) + " resources created" + creating.text();
}

std::string update_progress_text(const std::vector<aws::StackResource>& resources, std::string_view begun) {
  const auto since = core::parse_rfc3339(begun);
  std::size_t done = 0;
  NamedResources updating("updating");
  for (const aws::StackResource& resource : resources) {
    if (resource.status.ends_with("_IN_PROGRESS")) updating.add(resource.logical_id);
    const auto changed = core::parse_rfc3339(resource.changed);
    if (since && changed && *changed >= *since && resource.status.ends_with("_COMPLETE")) ++done;
  }
  return std::to_string(done) + " of " + std::to_string(resources.size()) + " resources updated" +
         updating.text();
}

std::optional<std::chrono::seconds> poll_again_after(std::chrono::milliseconds running) {
  constexpr std::chrono::seconds latest(30);
  const auto pause = std::chrono::duration_cast<std::chrono::seconds>(running / 10);
  if (pause.count() < 1) return std::nullopt;
  return std::min(pause, latest);
}

bool is_refusal(const core::Error& error) {
  using core::ErrorKind;
  return error.kind == ErrorKind::invalid || error.kind == ErrorKind::forbidden ||
         error.kind == ErrorKind::unprocessable || error.kind == ErrorKind::not_found;
}

}  // namespace broker
