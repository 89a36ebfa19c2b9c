// Stack operations in virtual time: which resource is worked on when, what happens when one fails, and the
// stack's statuses (docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "simulation/aws/cloudformation/stack.hpp"

namespace simulation {

// A failure of resources that a test or the simulation plans.
struct ResourceFault {
  std::string stack_name;  // "" for every stack
  std::string logical_id;  // "" for every resource
  Verb verb = Verb::remove;
  std::int64_t times = 1;  // -1 without end
  std::string reason = "Internal Failure";
  // CloudFormation finds it before it works on any resource (pre-deployment validation), of `create` and
  // `update`: DescribeEvents tells of it, DescribeStackEvents does not.
  bool is_found_before = false;
};

class StackEngine {
 public:
  StackEngine(World& world, Provisioner& provisioner) : world_(world), provisioner_(provisioner) {}

  // Everything that is due until now.
  void settle();

  [[nodiscard]] const auto& stacks() const { return stacks_; }
  [[nodiscard]] Stack* find(const std::string& id);
  [[nodiscard]] Stack* find_newest(const std::string& name);  // deleted ones, too
  [[nodiscard]] Stack* find_living(const std::string& name_or_id);
  Stack& add(Stack stack);

  void begin(Stack& stack, Operation operation, const std::string& status, const std::string& reason);
  // An update that is cancelled, or a creation that is deleted: what is under way ends now.
  void interrupt(Stack& stack);
  void go_on(Stack& stack);  // with an operation that waited
  void set_status(Stack& stack, const std::string& status, const std::string& reason = "");
  void show(Stack& stack);  // as it is now, to DescribeStacks
  [[nodiscard]] const std::vector<Stack*>& in_order() const { return by_number_; }  // of their creation
  [[nodiscard]] std::size_t living() const { return by_name_.size(); }

  [[nodiscard]] Resolver resolver_of(const Stack& stack, const StackState& state);
  [[nodiscard]] Answer<std::vector<StackOutput>> outputs_of(const Stack& stack, const StackState& state);
  [[nodiscard]] Answer<std::vector<std::string>> wanted_resources(const Stack& stack,
                                                                  const StackState& state);
  [[nodiscard]] Answer<core::json::object> properties_of(Resolver& resolver,
                                                         const TemplateResource& resource);

  std::vector<ResourceFault> faults;

 private:
  void schedule(Stack& stack, std::optional<core::SystemTime> due);
  void advance(Stack& stack);
  void begin_stage(Stack& stack);
  void end_stage(Stack& stack);
  void end_creation(Stack& stack);
  void end_update(Stack& stack);
  void end_removal(Stack& stack);
  void enter(Stack& stack, Stage stage, const std::string& status, const std::string& reason = "");
  void finish(Stack& stack, const std::string& status, const std::string& reason = "");
  void plan_removals(Stack& stack, Cause cause);
  void plan_leftovers(Stack& stack);

  [[nodiscard]] bool is_ready(const Stack& stack, const std::string& key, const Task& task) const;
  void start(Stack& stack, const std::string& key, Task& task);
  void start_creation(Stack& stack, const std::string& key, Task& task);
  void start_update(Stack& stack, const std::string& key, Task& task);
  void start_removal(Stack& stack, const std::string& key, Task& task);
  void end(Stack& stack, const std::string& key, Task& task);
  void cancel_running(Stack& stack);
  // Why this work is going to fail; "" where it is not.
  [[nodiscard]] std::string chance_of_failure(const Stack& stack, const std::string& logical_id, Verb verb);
  [[nodiscard]] bool finds_before(Stack& stack, Verb verb);
  [[nodiscard]] Owner owner_of(const Stack& stack) const;
  void note(Stack& stack, StackResource& resource, const std::string& status, const std::string& reason = "");
  void note_stack(Stack& stack, const std::string& status, const std::string& reason);
  [[nodiscard]] core::SystemTime end_of_work();

  World& world_;
  Provisioner& provisioner_;
  std::map<std::string, std::unique_ptr<Stack>> stacks_;  // by id
  std::map<std::string, Stack*> by_name_;                 // of those that are not deleted
  std::map<std::string, Stack*> newest_;                  // by name
  std::set<std::pair<core::SystemTime, std::uint64_t>> due_;
  std::vector<Stack*> by_number_;
};

}  // namespace simulation
