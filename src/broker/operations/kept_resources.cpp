#include "broker/operations/kept_resources.hpp"

#include <ranges>

#include "broker/replacement/loops.hpp"
#include "broker/replacement/resolved_stack.hpp"
#include "core/text.hpp"

namespace broker {

namespace {

constexpr std::size_t longest_list = 300;  // bytes; there are two lists
constexpr std::size_t longest_id = 128;    // bytes of a resource's name or ARN

bool is_of_stack(const aws::StackEvent& event, std::string_view stack_name) {
  return event.resource_type == "AWS::CloudFormation::Stack" && event.logical_id == stack_name;
}

// "AWS::S3::Bucket my-bucket, AWS::S3::Bucket my-logs and 2 more"
class ResourceList {
 public:
  void add(const aws::StackEvent& event) {
    const std::string& id = event.physical_id.empty() ? event.logical_id : event.physical_id;
    if (!seen_.insert(event.logical_id + " " + id).second) return;
    const std::string entry = event.resource_type + " " + core::shortened(id, longest_id);
    if (more_ > 0 || text_.size() + entry.size() > longest_list) {
      ++more_;
    } else {
      text_ += (text_.empty() ? "" : ", ") + entry;
    }
  }
  // " Its DeletionPolicy kept: …."; "" for none
  [[nodiscard]] std::string sentence(std::string_view beginning) const {
    if (seen_.empty()) return {};
    return std::string(beginning) + text_ + (more_ > 0 ? " and " + std::to_string(more_) + " more" : "") +
           ".";
  }

 private:
  std::set<std::string> seen_;  // a deletion that is repeated skips again
  std::string text_;
  std::size_t more_ = 0;
};

// CloudFormation's defaults where a template says nothing.
bool has_snapshot_by_default(const ResolvedResource& resource) {
  if (resource.type == "AWS::RDS::DBCluster") return true;
  return resource.type == "AWS::RDS::DBInstance" &&
         core::find(resource.properties, {"DBClusterIdentifier"}) == nullptr;
}

}  // namespace

std::set<std::string> snapshots_of(const StackDesign& design) {
  std::set<std::string> found;
  const auto document = without_loops(design.document, design.parameters);
  if (!document) return found;
  const ResolvedStack stack(*document, design.parameters);
  for (const ResolvedResource& resource : stack.resources()) {
    const bool by_default = resource.deletion_policy.empty() && has_snapshot_by_default(resource);
    if (resource.deletion_policy == "Snapshot" || by_default) found.insert(resource.id);
  }
  return found;
}

std::string deletion_text(const std::vector<aws::StackEvent>& newest_first, std::string_view stack_name,
                          const std::set<std::string>& snapshots) {
  // Also of deletions that failed before this one: what they have skipped is no longer the stack's.
  const auto is_earlier = [stack_name](const aws::StackEvent& event) {
    return is_of_stack(event, stack_name) && !event.status.starts_with("DELETE_");
  };
  const auto end = std::ranges::find_if(newest_first, is_earlier);
  ResourceList kept, saved;
  for (const aws::StackEvent& event : std::ranges::subrange(newest_first.begin(), end)) {
    if (is_of_stack(event, stack_name)) continue;
    if (event.status == "DELETE_SKIPPED") kept.add(event);
    if (event.status == "DELETE_COMPLETE" && snapshots.contains(event.logical_id)) saved.add(event);
  }
  return "The stack is deleted." + kept.sentence(" Its DeletionPolicy kept: ") +
         saved.sentence(" Its DeletionPolicy kept a snapshot of: ");
}

}  // namespace broker
