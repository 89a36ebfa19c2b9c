// The order of work: what is due, what may start, and where an operation goes when its stage ends.
#include "simulation/aws/cloudformation/engine.hpp"

#include <algorithm>

namespace simulation {

namespace {

std::string sorted_names(std::vector<std::string> names) {
  std::ranges::sort(names);
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

bool removes(Stage stage) {
  return stage == Stage::create_rollback || stage == Stage::update_cleanup ||
         stage == Stage::update_rollback_cleanup || stage == Stage::remove;
}

}  // namespace

void StackEngine::settle() {
  const auto until = world_.real_now();
  while (!due_.empty() && due_.begin()->first <= until) {
    const auto [when, number] = *due_.begin();
    Stack& stack = *by_number_[number];
    due_.erase(due_.begin());
    stack.due.reset();
    const World::Moment moment(world_, when);
    advance(stack);
  }
}

Stack* StackEngine::find(const std::string& id) {
  const auto found = stacks_.find(id);
  return found == stacks_.end() ? nullptr : found->second.get();
}
Stack* StackEngine::find_newest(const std::string& name) {
  const auto found = newest_.find(name);
  return found == newest_.end() ? nullptr : found->second;
}
Stack* StackEngine::find_living(const std::string& name_or_id) {
  if (name_or_id.starts_with("arn:")) {
    Stack* stack = find(name_or_id);
    return stack == nullptr || stack->is_deleted() ? nullptr : stack;
  }
  const auto found = by_name_.find(name_or_id);
  return found == by_name_.end() ? nullptr : found->second;
}

Stack& StackEngine::add(Stack given) {
  given.number = by_number_.size();
  auto owned = std::make_unique<Stack>(std::move(given));
  Stack& stack = *owned;
  stacks_[stack.id] = std::move(owned);
  by_name_[stack.name] = newest_[stack.name] = &stack;
  by_number_.push_back(&stack);
  return stack;
}

void StackEngine::schedule(Stack& stack, std::optional<core::SystemTime> due) {
  if (stack.due) due_.erase({*stack.due, stack.number});
  stack.due = due;
  if (due) due_.insert({*due, stack.number});
}

void StackEngine::show(Stack& stack) {
  stack.views.push_back({.since = world_.now(),
                         .status = stack.status,
                         .reason = stack.reason,
                         .updated = stack.updated,
                         .deleted = stack.deleted,
                         .outputs = stack.outputs,
                         .state = stack.state,
                         .is_protected = stack.is_protected});
  const auto oldest =
      world_.now() - std::max(world_.settings.describe_staleness, world_.settings.list_staleness);
  while (stack.views.size() > 1 && stack.views[1].since <= oldest) stack.views.pop_front();
}

void StackEngine::note_stack(Stack& stack, const std::string& status, const std::string& reason) {
  stack.events.push_back({.id = world_.uuid(),
                          .time = world_.now(),
                          .logical_id = stack.name,
                          .physical_id = stack.id,
                          .type = "AWS::CloudFormation::Stack",
                          .status = status,
                          .reason = reason,
                          .token = stack.operation ? stack.operation->token : ""});
}

void StackEngine::set_status(Stack& stack, const std::string& status, const std::string& reason) {
  stack.status = status;
  stack.reason = reason == "User Initiated" ? "" : reason;  // that stands in the event only
  stack.history.emplace_back(world_.now(), status);
  note_stack(stack, status, reason);
  if (status == "DELETE_COMPLETE") {
    stack.deleted = world_.now();
    if (const auto found = by_name_.find(stack.name); found != by_name_.end() && found->second == &stack)
      by_name_.erase(found);
  }
  show(stack);
}

void StackEngine::note(Stack& stack, StackResource& resource, const std::string& status,
                       const std::string& reason) {
  resource.status = status;
  resource.reason = reason;
  resource.changed = world_.now();
  stack.events.push_back({.id = resource.logical_id + "-" + status + "-" + world_.uuid(),
                          .time = world_.now(),
                          .logical_id = resource.logical_id,
                          .physical_id = resource.physical_id,
                          .type = resource.type,
                          .status = status,
                          .reason = reason,
                          .token = stack.operation ? stack.operation->token : ""});
}

void StackEngine::begin(Stack& stack, Operation operation, const std::string& status,
                        const std::string& reason) {
  stack.operation = std::move(operation);
  set_status(stack, status, reason);
  go_on(stack);
}

void StackEngine::go_on(Stack& stack) {
  constexpr milliseconds least{200}, most{2'000};
  const auto pause = world_.chances.between(static_cast<std::uint64_t>(least.count()),
                                            static_cast<std::uint64_t>(most.count()));
  schedule(stack, world_.now() + milliseconds(pause));
}

void StackEngine::enter(Stack& stack, Stage stage, const std::string& status, const std::string& reason) {
  Operation& operation = *stack.operation;
  operation.stage = stage;
  operation.has_begun = false;
  operation.tasks.clear();
  operation.failed.clear();
  set_status(stack, status, reason);
  go_on(stack);
}

void StackEngine::finish(Stack& stack, const std::string& status, const std::string& reason) {
  set_status(stack, status, reason);
  schedule(stack, std::nullopt);
  // What UPDATE_ROLLBACK_FAILED goes on with, ContinueUpdateRollback needs.
  if (status != "UPDATE_ROLLBACK_FAILED") stack.operation.reset();
}

void StackEngine::advance(Stack& stack) {
  if (!stack.operation) return;
  Operation& operation = *stack.operation;
  if (!operation.has_begun) {
    operation.has_begun = true;
    begin_stage(stack);
  }
  std::vector<std::pair<core::SystemTime, std::string>> ended;
  for (const auto& [key, task] : operation.tasks)
    if (task.state == Task::State::running && task.ends <= world_.now()) ended.emplace_back(task.ends, key);
  std::ranges::sort(ended);
  for (const auto& [when, key] : ended) end(stack, key, operation.tasks.at(key));

  const bool is_broken = (!operation.failed.empty() && !removes(operation.stage)) || operation.is_cancelled;
  if (is_broken) {
    cancel_running(stack);
  } else {
    // What changes nothing is done at once, and lets others start.
    bool has_moved = true;
    while (has_moved && (operation.failed.empty() || removes(operation.stage))) {
      has_moved = false;
      for (auto& [key, task] : operation.tasks) {
        if (task.state != Task::State::waiting || !is_ready(stack, key, task)) continue;
        start(stack, key, task);
        has_moved = has_moved || task.state != Task::State::running;
      }
    }
  }
  std::optional<core::SystemTime> next;
  for (const auto& [key, task] : operation.tasks)
    if (task.state == Task::State::running && (!next || task.ends < *next)) next = task.ends;
  if (next) {
    schedule(stack, next);
  } else {
    end_stage(stack);
  }
}

bool StackEngine::is_ready(const Stack& stack, const std::string& key, const Task& task) const {
  const Operation& operation = *stack.operation;
  if (task.verb == Verb::remove) {
    // First goes what depends on it; a leftover's namesake in the stack does not count.
    return std::ranges::none_of(operation.tasks, [&](const auto& entry) {
      const auto& [other_key, other] = entry;
      return other_key != key && other.state != Task::State::done &&
             other.target.depends_on.contains(task.target.logical_id);
    });
  }
  const auto& depends_on = stack.state->made->resources.at(key).depends_on;
  return std::ranges::all_of(depends_on, [&](const std::string& each) {
    const auto found = operation.tasks.find(each);
    return found == operation.tasks.end() || found->second.state == Task::State::done;
  });
}

void StackEngine::plan_removals(Stack& stack, Cause cause) {
  for (const auto& [name, resource] : stack.resources) {
    if (resource.physical_id.empty() || resource.status == "DELETE_COMPLETE" ||
        resource.status == "DELETE_SKIPPED")
      continue;
    stack.operation->tasks[name] = {.verb = Verb::remove, .ends = {}, .cause = cause, .target = resource};
  }
}

void StackEngine::plan_leftovers(Stack& stack) {
  std::size_t number = 1;
  for (const Leftover& leftover : stack.leftovers) {
    if (leftover.resource.physical_id.empty()) continue;
    stack.operation->tasks[leftover.resource.logical_id + "#" + std::to_string(++number)] = {
        .verb = Verb::remove, .ends = {}, .cause = leftover.cause, .target = leftover.resource};
  }
}

void StackEngine::begin_stage(Stack& stack) {
  Operation& operation = *stack.operation;
  switch (operation.stage) {
    case Stage::create:
    case Stage::update: {
      const auto wanted = wanted_resources(stack, *stack.state);
      if (!wanted) {
        operation.failure = wanted.error().message;
        return;
      }
      if (finds_before(stack, operation.stage == Stage::create ? Verb::create : Verb::update)) return;
      for (const std::string& name : *wanted)
        operation.tasks[name] = {
            .verb = stack.resources.contains(name) ? Verb::update : Verb::create, .ends = {}, .target = {}};
      return;
    }
    case Stage::create_rollback:
      plan_removals(stack, Cause::creation_rolled_back);
      return;
    case Stage::remove:
      plan_removals(stack, Cause::stack_deleted);
      plan_leftovers(stack);
      return;
    case Stage::update_cleanup: {
      const auto wanted = wanted_resources(stack, *stack.state);
      for (auto at = stack.resources.begin(); at != stack.resources.end();) {
        if (wanted && std::ranges::find(*wanted, at->first) == wanted->end()) {
          stack.leftovers.push_back(
              {.resource = std::move(at->second), .cause = Cause::removed_from_template});
          at = stack.resources.erase(at);
        } else {
          ++at;
        }
      }
      plan_leftovers(stack);
      return;
    }
    case Stage::update_rollback: {
      // New resources are deleted afterwards; replaced ones are the stack's own again; changed ones are
      // changed back.
      for (auto at = stack.resources.begin(); at != stack.resources.end();) {
        const auto old = operation.resources_before.find(at->first);
        if (old == operation.resources_before.end()) {
          stack.leftovers.push_back({.resource = std::move(at->second), .cause = Cause::update_rolled_back});
          at = stack.resources.erase(at);
          continue;
        }
        if (old->second.physical_id != at->second.physical_id) {
          std::erase_if(stack.leftovers, [&](const Leftover& each) {
            return each.resource.physical_id == old->second.physical_id;
          });
          stack.leftovers.push_back({.resource = std::move(at->second), .cause = Cause::update_rolled_back});
          at->second = old->second;
        } else if (at->second.properties != old->second.properties || at->second.status == "UPDATE_FAILED") {
          operation.tasks[at->first] = {.verb = Verb::update, .ends = {}, .target = {}};
        } else {
          at->second.deletion_policy = old->second.deletion_policy;
          at->second.replace_policy = old->second.replace_policy;
        }
        ++at;
      }
      stack.state = operation.state_before;
      return;
    }
    case Stage::update_rollback_cleanup:
      plan_leftovers(stack);
      return;
    case Stage::import:
    case Stage::import_rollback:
      return;
  }
}

void StackEngine::end_stage(Stack& stack) {
  switch (stack.operation->stage) {
    case Stage::create:
      return end_creation(stack);
    case Stage::update:
      return end_update(stack);
    case Stage::update_cleanup: {
      const bool is_left = !stack.operation->failed.empty();
      std::erase_if(stack.leftovers, [](const Leftover&) { return true; });
      return finish(stack, "UPDATE_COMPLETE",
                    is_left ? "Update successful. One or more resources could not be deleted." : "");
    }
    case Stage::update_rollback:
      if (!stack.operation->failed.empty())
        return finish(
            stack, "UPDATE_ROLLBACK_FAILED",
            "The following resource(s) failed to update: [" + sorted_names(stack.operation->failed) + "]. ");
      stack.outputs = stack.operation->outputs_before;
      return enter(stack, Stage::update_rollback_cleanup, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS");
    case Stage::update_rollback_cleanup:
      stack.leftovers.clear();
      return finish(stack, "UPDATE_ROLLBACK_COMPLETE");
    case Stage::create_rollback:
    case Stage::remove:
      return end_removal(stack);
    case Stage::import:
      if (stack.operation->import_fails)
        return enter(stack, Stage::import_rollback, "IMPORT_ROLLBACK_IN_PROGRESS",
                     "The following resource(s) failed to import.");
      return finish(stack, "IMPORT_COMPLETE");
    case Stage::import_rollback:
      return finish(stack, stack.operation->import_rollback_fails ? "IMPORT_ROLLBACK_FAILED"
                                                                  : "IMPORT_ROLLBACK_COMPLETE");
  }
}

void StackEngine::end_creation(Stack& stack) {
  Operation& operation = *stack.operation;
  if (operation.failed.empty() && operation.failure.empty()) {
    auto outputs = outputs_of(stack, *stack.state);
    if (outputs) {
      stack.outputs = std::make_shared<std::vector<StackOutput>>(std::move(*outputs));
      return finish(stack, "CREATE_COMPLETE");
    }
    operation.failure = outputs.error().message;
  }
  std::string why = operation.failure.empty() ? "The following resource(s) failed to create: [" +
                                                    sorted_names(operation.failed) + "]. "
                                              : operation.failure + " ";
  if (stack.on_failure == "DO_NOTHING") return finish(stack, "CREATE_FAILED", why);
  if (stack.on_failure == "DELETE")
    return enter(stack, Stage::remove, "DELETE_IN_PROGRESS", why + "Delete requested by user.");
  enter(stack, Stage::create_rollback, "ROLLBACK_IN_PROGRESS", why + "Rollback requested by user.");
}

void StackEngine::end_update(Stack& stack) {
  Operation& operation = *stack.operation;
  std::string why = operation.failure;
  if (operation.failed.empty() && why.empty() && !operation.is_cancelled) {
    auto outputs = outputs_of(stack, *stack.state);
    if (outputs) {
      stack.outputs = std::make_shared<std::vector<StackOutput>>(std::move(*outputs));
      return enter(stack, Stage::update_cleanup, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
    }
    why = outputs.error().message;
  }
  if (!operation.failed.empty()) {
    std::vector<std::string> created, updated;
    for (const std::string& name : operation.failed)
      (operation.resources_before.contains(name) ? updated : created).push_back(name);
    if (!created.empty())
      why += "The following resource(s) failed to create: [" + sorted_names(created) + "]. ";
    if (!updated.empty())
      why += "The following resource(s) failed to update: [" + sorted_names(updated) + "]. ";
  }
  if (operation.keeps_failures && !operation.is_cancelled) return finish(stack, "UPDATE_FAILED", why);
  const std::string reason = operation.is_cancelled ? "User Initiated" : why;
  operation.is_cancelled = false;
  operation.failure.clear();
  enter(stack, Stage::update_rollback, "UPDATE_ROLLBACK_IN_PROGRESS", reason);
}

void StackEngine::end_removal(Stack& stack) {
  const bool is_rollback = stack.operation->stage == Stage::create_rollback;
  std::vector<std::string> failed = stack.operation->failed;
  std::erase_if(stack.leftovers, [&](const Leftover& each) {
    return std::ranges::find(failed, each.resource.logical_id) == failed.end();
  });
  if (!failed.empty())
    return finish(stack, is_rollback ? "ROLLBACK_FAILED" : "DELETE_FAILED",
                  "The following resource(s) failed to delete: [" + sorted_names(failed) + "]. ");
  finish(stack, is_rollback ? "ROLLBACK_COMPLETE" : "DELETE_COMPLETE");
}

}  // namespace simulation
