// The work on single resources: how it starts, and how it ends.
#include <algorithm>

#include "simulation/aws/cloudformation/engine.hpp"
#include "simulation/aws/cloudformation/resource_types.hpp"

namespace simulation {

namespace json = boost::json;

namespace {

// As CloudFormation hands on what a service has answered.
std::string handler_message(const Failure& failure) {
  if (failure.code == "ValidationError") return failure.message;
  return "Resource handler returned message: \"" + failure.message + "\" (HandlerErrorCode: " + failure.code +
         ")";
}

}  // namespace

core::SystemTime StackEngine::end_of_work() {
  const auto& settings = world_.settings;
  return world_.now() +
         milliseconds(world_.chances.between(
             static_cast<std::uint64_t>(settings.least_work.count()),
             static_cast<std::uint64_t>(std::max(settings.least_work, settings.most_work).count())));
}

Owner StackEngine::owner_of(const Stack& stack) const {
  return {.stack_id = stack.id,
          .stack_name = stack.name,
          .tags = stack.state->tags,
          .by = stack.operation ? stack.operation->by : ""};
}

std::string StackEngine::chance_of_failure(const Stack& stack, const std::string& logical_id, Verb verb) {
  for (ResourceFault& fault : faults) {
    if (fault.times == 0 || fault.verb != verb || fault.is_found_before) continue;
    if (!fault.stack_name.empty() && fault.stack_name != stack.name) continue;
    if (!fault.logical_id.empty() && fault.logical_id != logical_id) continue;
    if (fault.times > 0) --fault.times;
    return fault.reason;
  }
  const auto& settings = world_.settings;
  const Stage stage = stack.operation->stage;
  double chance = verb == Verb::create ? settings.creation_failure : settings.update_failure;
  if (verb == Verb::remove) chance = settings.deletion_failure;
  if (stage == Stage::update_rollback) chance = settings.rollback_failure;
  return chance > 0 && world_.chances.chance(chance)
             ? "Resource handler returned message: \"Internal Failure\" (HandlerErrorCode: InternalFailure)"
             : "";
}

bool StackEngine::finds_before(Stack& stack, Verb verb) {
  for (ResourceFault& fault : faults) {
    if (fault.times == 0 || fault.verb != verb || !fault.is_found_before) continue;
    if (!fault.stack_name.empty() && fault.stack_name != stack.name) continue;
    const auto resource = stack.state->made->resources.find(fault.logical_id);
    if (resource == stack.state->made->resources.end()) continue;
    if (fault.times > 0) --fault.times;
    stack.validation_errors.push_back({.id = world_.uuid(),
                                       .time = world_.now(),
                                       .logical_id = fault.logical_id,
                                       .type = resource->second.type,
                                       .status = "VALIDATION_FAILED",
                                       .reason = fault.reason,
                                       .token = stack.operation->token});
    stack.operation->failure = "Pre-deployment validation has failed.";
    return true;
  }
  return false;
}

Resolver StackEngine::resolver_of(const Stack& stack, const StackState& state) {
  ResolverInput input{.made = state.made.get(),
                      .parameters = &state.values,
                      .region = world_.settings.region,
                      .account = world_.settings.account,
                      .stack_name = stack.name,
                      .stack_id = stack.id,
                      .notification_arns = state.notification_arns,
                      .ref = {},
                      .attribute = {}};
  input.ref = [this, &stack](const std::string& name) -> Answer<json::value> {
    const auto found = stack.resources.find(name);
    if (found == stack.resources.end())
      return refuse("ValidationError",
                    "Unresolved resource dependencies [" + name + "] in the Resources block of the template");
    return provisioner_.reference(found->second);
  };
  input.attribute = [this, &stack](const std::string& name,
                                   const std::string& attribute) -> Answer<json::value> {
    const auto found = stack.resources.find(name);
    if (found == stack.resources.end())
      return refuse("ValidationError",
                    "Unresolved resource dependencies [" + name + "] in the Resources block of the template");
    return provisioner_.attribute(found->second, attribute);
  };
  return Resolver(std::move(input));
}

Answer<json::object> StackEngine::properties_of(Resolver& resolver, const TemplateResource& resource) {
  const json::object* given = resource.properties();
  if (given == nullptr) return json::object();
  auto made = resolver.resolve(*given);
  if (!made) return std::unexpected(made.error());
  if (!made->is_object())
    return refuse("ValidationError", "Properties validation failed for resource " + resource.logical_id);
  return std::move(made->get_object());
}

Answer<std::vector<std::string>> StackEngine::wanted_resources(const Stack& stack, const StackState& state) {
  Resolver resolver = resolver_of(stack, state);
  std::vector<std::string> wanted;
  for (const auto& [name, resource] : state.made->resources) {
    const auto is_wanted = resolver.is_wanted(resource.body);
    if (!is_wanted) return std::unexpected(is_wanted.error());
    if (*is_wanted) wanted.push_back(name);
  }
  return wanted;
}

Answer<std::vector<StackOutput>> StackEngine::outputs_of(const Stack& stack, const StackState& state) {
  std::vector<StackOutput> outputs;
  const auto* given = core::find_object(state.made->document, {"Outputs"});
  if (given == nullptr) return outputs;
  Resolver resolver = resolver_of(stack, state);
  for (const auto& entry : *given) {
    const json::object& body = entry.value().get_object();
    const auto is_wanted = resolver.is_wanted(body);
    if (!is_wanted) return std::unexpected(is_wanted.error());
    if (!*is_wanted) continue;
    auto value = resolver.resolve(body.at("Value"));
    if (!value) return std::unexpected(value.error());
    if (value->is_array() || value->is_object())
      return refuse(
          "ValidationError",
          "Template format error: The Value field of every Outputs member must evaluate to a String.");
    StackOutput output{.key = std::string(entry.key()),
                       .value = text_of(*value),
                       .description = std::string(core::find_string(body, {"Description"}))};
    if (const json::value* name = core::find(body, {"Export", "Name"})) {
      const auto made = resolver.resolve(*name);
      if (!made) return std::unexpected(made.error());
      output.export_name = text_of(*made);
    }
    outputs.push_back(std::move(output));
  }
  return outputs;
}

void StackEngine::start(Stack& stack, const std::string& key, Task& task) {
  task.state = Task::State::running;
  switch (task.verb) {
    case Verb::create:
      return start_creation(stack, key, task);
    case Verb::update:
      return start_update(stack, key, task);
    case Verb::remove:
      return start_removal(stack, key, task);
  }
}

void StackEngine::start_creation(Stack& stack, const std::string& key, Task& task) {
  const TemplateResource& wanted = stack.state->made->resources.at(key);
  Resolver resolver = resolver_of(stack, *stack.state);
  StackResource resource{.logical_id = key,
                         .type = wanted.type,
                         .properties = {},
                         .attributes = {},
                         .depends_on = wanted.depends_on};
  task.ends = end_of_work();
  task.was_tried = true;
  const auto policy = [&](const char* name, const std::string& otherwise) {
    const json::value* given = wanted.body.if_contains(name);
    if (given == nullptr) return otherwise;
    const auto made = resolver.resolve(*given);
    return made ? text_of(*made) : otherwise;
  };
  auto properties = properties_of(resolver, wanted);
  resource.deletion_policy = policy(
      "DeletionPolicy", default_deletion_policy(wanted.type, properties ? *properties : json::object()));
  resource.replace_policy = policy("UpdateReplacePolicy", "Delete");
  note(stack, resource, "CREATE_IN_PROGRESS");
  if (!properties) {
    task.failure = properties.error().message;
  } else {
    resource.properties = std::move(*properties);
    const auto live = provisioner_.with_secrets(resource.properties);
    if (!live) {
      task.failure = live.error().message;
    } else if (auto made = provisioner_.create(resource, owner_of(stack), *live); !made) {
      task.failure = handler_message(made.error());
    } else {
      note(stack, resource, "CREATE_IN_PROGRESS", "Resource creation Initiated");
      task.failure = chance_of_failure(stack, key, Verb::create);
    }
  }
  stack.resources[key] = std::move(resource);
}

void StackEngine::start_update(Stack& stack, const std::string& key, Task& task) {
  Operation& operation = *stack.operation;
  const bool is_rollback = operation.stage == Stage::update_rollback;
  StackResource& resource = stack.resources.at(key);
  const TemplateResource& wanted = stack.state->made->resources.at(key);
  if (is_rollback && operation.skipped.contains(key)) {
    task.state = Task::State::done;
    note(stack, resource, "UPDATE_COMPLETE");
    return;
  }
  Resolver resolver = resolver_of(stack, *stack.state);
  json::object properties;
  if (is_rollback) {
    properties = operation.resources_before.at(key).properties;
  } else {
    auto made = properties_of(resolver, wanted);
    if (!made) {
      task.failure = made.error().message;
      task.ends = world_.now() + milliseconds(1);
      task.was_tried = true;
      note(stack, resource, "UPDATE_IN_PROGRESS");
      return;
    }
    properties = std::move(*made);
  }
  const auto policy = [&](const char* name, const std::string& otherwise) {
    const json::value* given = wanted.body.if_contains(name);
    if (given == nullptr) return otherwise;
    const auto made = resolver.resolve(*given);
    return made ? text_of(*made) : otherwise;
  };
  const std::string deletion_policy =
      policy("DeletionPolicy", default_deletion_policy(wanted.type, properties));
  const std::string replace_policy = policy("UpdateReplacePolicy", "Delete");
  const bool is_other_type = wanted.type != resource.type;
  Difference difference =
      is_other_type ? Difference::replacement : difference_of(wanted.type, resource.properties, properties);
  const bool retags =
      operation.state_before && operation.state_before->tags != stack.state->tags && !is_custom(wanted.type);
  if (difference == Difference::none && (retags || (is_rollback && resource.status == "UPDATE_FAILED")))
    difference = Difference::in_place;
  resource.depends_on = wanted.depends_on;
  if (difference == Difference::none) {
    resource.deletion_policy = deletion_policy;
    resource.replace_policy = replace_policy;
    task.state = Task::State::done;
    return;
  }
  task.ends = end_of_work();
  task.was_tried = true;
  if (difference == Difference::replacement && !is_rollback) {
    const std::string_view naming = name_property(wanted.type);
    const json::value* name = naming.empty() ? nullptr : properties.if_contains(naming);
    const json::value* old_name = naming.empty() ? nullptr : resource.properties.if_contains(naming);
    if (name != nullptr && old_name != nullptr && *name == *old_name && !is_other_type) {
      note(stack, resource, "UPDATE_IN_PROGRESS",
           "Requested update requires the creation of a new physical resource; hence creating one.");
      task.failure =
          "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename " +
          text_of(*name) + " and update the stack again.";
      return;
    }
    note(stack, resource, "UPDATE_IN_PROGRESS",
         "Requested update requires the creation of a new physical resource; hence creating one.");
    task.target = {.logical_id = key,
                   .type = wanted.type,
                   .properties = std::move(properties),
                   .attributes = {},
                   .deletion_policy = deletion_policy,
                   .replace_policy = replace_policy,
                   .depends_on = wanted.depends_on};
    const auto live = provisioner_.with_secrets(task.target.properties);
    if (!live) {
      task.failure = live.error().message;
      return;
    }
    if (auto made = provisioner_.create(task.target, owner_of(stack), *live); !made) {
      task.failure = handler_message(made.error());
      return;
    }
    task.replaces = true;
    note(stack, task.target, "UPDATE_IN_PROGRESS", "Resource creation Initiated");
    task.failure = chance_of_failure(stack, key, Verb::update);
    return;
  }
  note(stack, resource, "UPDATE_IN_PROGRESS");
  task.failure = chance_of_failure(stack, key, Verb::update);
  if (!task.failure.empty()) return;
  const auto live = provisioner_.with_secrets(properties);
  if (!live) {
    task.failure = live.error().message;
    return;
  }
  StackResource changed = resource;
  if (is_custom(wanted.type)) changed.properties = properties;
  if (auto made = provisioner_.update(changed, owner_of(stack), *live); !made) {
    task.failure = handler_message(made.error());
    return;
  }
  resource.attributes = std::move(changed.attributes);
  resource.properties = std::move(properties);
  resource.deletion_policy = deletion_policy;
  resource.replace_policy = replace_policy;
}

void StackEngine::start_removal(Stack& stack, const std::string& key, Task& task) {
  Operation& operation = *stack.operation;
  const bool is_leftover = key.contains('#');
  StackResource& shown = is_leftover ? task.target : stack.resources.at(key);
  // A replaced resource's end is in UpdateReplacePolicy, every other's in DeletionPolicy.
  std::string policy = task.cause == Cause::replaced ? shown.replace_policy : shown.deletion_policy;
  // "When set to true, newly created resources are deleted when the operation rolls back. This includes newly
  // created resources marked with a deletion policy of Retain." (RetainExceptOnCreate of CreateStack and
  // UpdateStack). What was to take the place of another one goes in any case.
  const bool was_just_made =
      task.cause == Cause::creation_rolled_back || task.cause == Cause::update_rolled_back;
  const bool is_copy =
      task.cause == Cause::update_rolled_back && operation.resources_before.contains(shown.logical_id);
  if (is_copy || (was_just_made && stack.retains_except_on_create)) policy = "Delete";
  if (policy == "RetainExceptOnCreate") policy = was_just_made ? "Delete" : "Retain";
  if (policy == "Retain" || operation.skipped.contains(shown.logical_id)) {
    note(stack, shown, "DELETE_SKIPPED");
    provisioner_.note_end(shown, operation.by, Fate::retained, task.cause);
    task.state = Task::State::done;
    return;
  }
  task.ends = end_of_work();
  task.was_tried = true;
  note(stack, shown, "DELETE_IN_PROGRESS");
}

void StackEngine::end(Stack& stack, const std::string& key, Task& task) {
  Operation& operation = *stack.operation;
  const bool is_leftover = key.contains('#');
  if (task.verb == Verb::remove) {
    StackResource& shown = is_leftover ? task.target : stack.resources.at(key);
    std::string failure = chance_of_failure(stack, shown.logical_id, Verb::remove);
    if (failure.empty()) {
      if (auto removed = provisioner_.remove(shown, owner_of(stack)); !removed)
        failure = handler_message(removed.error());
    }
    if (!failure.empty()) {
      note(stack, shown, "DELETE_FAILED", failure);
      task.state = Task::State::failed;
      operation.failed.push_back(shown.logical_id);
      return;
    }
    note(stack, shown, "DELETE_COMPLETE");
    const std::string& policy = task.cause == Cause::replaced ? shown.replace_policy : shown.deletion_policy;
    const bool keeps = policy == "Snapshot" && has_snapshots(shown.type) &&
                       task.cause != Cause::update_rolled_back && task.cause != Cause::creation_rolled_back;
    provisioner_.note_end(shown, operation.by, keeps ? Fate::snapshot : Fate::destroyed, task.cause);
    task.state = Task::State::done;
    return;
  }
  StackResource& resource = stack.resources.at(key);
  const std::string verb = task.verb == Verb::create ? "CREATE" : "UPDATE";
  if (!task.failure.empty()) {
    if (task.replaces)
      stack.leftovers.push_back({.resource = task.target, .cause = Cause::update_rolled_back});
    note(stack, resource, verb + "_FAILED", task.failure);
    task.state = Task::State::failed;
    operation.failed.push_back(key);
    return;
  }
  if (task.replaces) {
    stack.leftovers.push_back({.resource = std::move(resource), .cause = Cause::replaced});
    resource = std::move(task.target);
  }
  note(stack, resource, verb + "_COMPLETE");
  task.state = Task::State::done;
}

void StackEngine::cancel_running(Stack& stack) {
  for (auto& [key, task] : stack.operation->tasks) {
    if (task.state != Task::State::running) continue;
    if (task.verb != Verb::remove) {
      StackResource& resource = stack.resources.at(key);
      if (task.replaces)
        stack.leftovers.push_back({.resource = task.target, .cause = Cause::update_rolled_back});
      const bool creates = task.verb == Verb::create;
      note(stack, resource, creates ? "CREATE_FAILED" : "UPDATE_FAILED",
           creates ? "Resource creation cancelled" : "Resource update cancelled");
    }
    task.state = Task::State::failed;
  }
}

void StackEngine::interrupt(Stack& stack) {
  if (!stack.operation) return;
  if (stack.operation->stage == Stage::update) {
    stack.operation->is_cancelled = true;
    schedule(stack, world_.now() + milliseconds(1));
  } else {
    cancel_running(stack);
    schedule(stack, std::nullopt);
    stack.operation.reset();
  }
}

}  // namespace simulation
