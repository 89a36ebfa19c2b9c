// The calls that change stacks.
#include "simulation/aws/cloudformation/stack_service.hpp"

#include <algorithm>

namespace simulation {

namespace {

bool is_stack_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::isalpha(static_cast<unsigned char>(name[0])) != 0 &&
         std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
}

std::unexpected<Failure> constraint(std::string_view value, std::string_view member, std::string_view rule) {
  return validation_error("1 validation error detected: Value '" + std::string(value) + "' at '" +
                          std::string(member) + "' failed to satisfy constraint: " + std::string(rule));
}

Answer<> check_token(const std::string& token) {
  const bool is_token = token.size() <= 128 && std::ranges::all_of(token, [](unsigned char c) {
                          return std::isalnum(c) != 0 || c == '-';
                        });
  if (!token.empty() && (!is_token || token[0] == '-'))
    return constraint(token, "clientRequestToken",
                      "Member must satisfy regular expression pattern: [a-zA-Z0-9][-a-zA-Z0-9]*");
  return Reply{};
}

// What makes two requests the same one.
std::string substance_of(const Call& call) {
  std::string text = call.action;
  for (const auto& [name, value] : call.form.fields()) text += "\n" + name + "=" + value;
  return text;
}

// A token that was used before: the same request is answered as it was, another one is refused.
Answer<bool> is_repetition(const Call& call, const Stack& stack) {
  const auto used = stack.tokens.find(call.form.get("ClientRequestToken"));
  if (used == stack.tokens.end()) return false;
  if (used->second != substance_of(call))
    return refuse("TokenAlreadyExistsException", "A client request token already exists: " + used->first);
  return true;
}

void keep_token(Stack& stack, const Call& call) {
  const std::string& token = call.form.get("ClientRequestToken");
  if (!token.empty()) stack.tokens[token] = substance_of(call);
}

Reply stack_id_reply(const Stack& stack) {
  Reply reply;
  add_element(reply.body, "StackId", stack.id);
  return reply;
}

Operation operation_of(const Call& call, Stage stage) {
  return {.stage = stage,
          .token = call.form.get("ClientRequestToken"),
          .by = name_of(call),
          .tasks = {},
          .failed = {},
          .failure = {},
          .skipped = {},
          .state_before = {},
          .resources_before = {},
          .outputs_before = {}};
}

}  // namespace

std::string name_of(const Call& call) {
  std::string text = call.action + " by " + call.caller.key_id;
  const std::string& token = call.form.get("ClientRequestToken");
  return token.empty() ? text : text + " (token " + token + ")";
}

Answer<> StackService::handle(const Call& call) {
  using Method = Answer<> (StackService::*)(const Call&);
  static const std::map<std::string_view, Method> methods{
      {"CreateStack", &StackService::create},
      {"UpdateStack", &StackService::update},
      {"CancelUpdateStack", &StackService::cancel},
      {"ContinueUpdateRollback", &StackService::continue_rollback},
      {"DeleteStack", &StackService::remove},
      {"UpdateTerminationProtection", &StackService::protect},
      {"DescribeStacks", &StackService::describe},
      {"ListStacks", &StackService::list},
      {"DescribeStackEvents", &StackService::events},
      {"DescribeEvents", &StackService::operation_events},
      {"DescribeStackResources", &StackService::resources},
      {"DescribeStackResource", &StackService::resources},
      {"ListStackResources", &StackService::resources},
      {"GetTemplate", &StackService::get_template},
      {"ValidateTemplate", &StackService::validate}};
  const auto found = methods.find(call.action);
  if (found == methods.end())
    return refuse("InvalidAction", "Could not find operation " + call.action + " for version 2010-05-15");
  if (auto checked = check_token(call.form.get("ClientRequestToken")); !checked) return checked;
  return (this->*found->second)(call);
}

Answer<std::shared_ptr<const Template>> StackService::template_of(const Form& form,
                                                                  const StackState* before) {
  const bool uses_previous = form.flag("UsePreviousTemplate");
  const int given =
      (form.has("TemplateBody") ? 1 : 0) + (form.has("TemplateURL") ? 1 : 0) + (uses_previous ? 1 : 0);
  if (given != 1)
    return validation_error(
        before == nullptr ? "Either Template URL or Template Body must be specified."
                          : "Either Template URL, Template Body or Use Previous Template must be specified.");
  if (uses_previous) {
    if (before == nullptr) return validation_error("Use Previous Template is for updates.");
    return before->made;
  }
  const std::string* body = &form.get("TemplateBody");
  constexpr std::size_t most_bytes = 51'200, most_object_bytes = 1024 * 1024;
  if (form.has("TemplateURL")) {
    const std::string& url = form.get("TemplateURL");
    const S3Object* object = services_.buckets.find_by_url(url);
    if (object == nullptr)
      return validation_error(
          "S3 error: Access Denied. For more information check "
          "http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html");
    if (object->body.size() > most_object_bytes)
      return validation_error("Template may not exceed 1000000 bytes in size.");
    body = &object->body;
  } else if (body->size() > most_bytes) {
    return constraint(body->substr(0, 32), "templateBody",
                      "Member must have length less than or equal to 51200");
  }
  if (const auto known = read_.find(*body); known != read_.end()) return known->second;
  auto made = read_template(*body);
  if (made) read_[*body] = *made;
  return made;
}

Answer<StackState> StackService::state_of(const Call& call, const StackState* before) {
  const Form& form = call.form;
  auto made = template_of(form, before);
  if (!made) return std::unexpected(made.error());
  StackState state{
      .made = std::move(*made), .capabilities = form.list("Capabilities"), .role_arn = form.get("RoleARN")};
  // Not in an update: then they stay as they are.
  state.notification_arns = form.list("NotificationARNs");
  if (before != nullptr && state.notification_arns.empty())
    state.notification_arns = before->notification_arns;
  if (before != nullptr && state.role_arn.empty()) state.role_arn = before->role_arn;
  for (const std::string& tag : form.members("Tags")) {
    const std::string& key = form.get(tag + "Key");
    const std::string& value = form.get(tag + "Value");
    if (key.empty() || key.size() > 128)
      return constraint(key, "tags.1.member.key", "Member must have length less than or equal to 128");
    if (value.size() > 256)
      return constraint(value, "tags.1.member.value", "Member must have length less than or equal to 256");
    if (key.starts_with("aws:"))
      return validation_error("aws: prefixed tag key names are not allowed for external use.");
    if (!state.tags.emplace(key, value).second) return validation_error("Duplicate tag key " + key);
  }
  constexpr std::size_t most_tags = 50;
  if (state.tags.size() > most_tags)
    return constraint("tags", "tags", "Member must have length less than or equal to 50");
  if (before != nullptr && !form.has("Tags.member.1.Key"))
    state.tags = before->tags;  // "If you don't specify this parameter …"
  auto values = parameters_of(form, *state.made, before == nullptr ? nullptr : &before->given);
  if (!values) return std::unexpected(values.error());
  state.given = *values;
  auto with_ssm = with_ssm_values(*state.made, std::move(*values), services_.ssm);
  if (!with_ssm) return std::unexpected(with_ssm.error());
  state.values = std::move(*with_ssm);

  bool is_named = false;
  const bool needs_iam = state.made->needs_iam_capability(is_named);
  const auto has = [&](std::string_view capability) {
    return std::ranges::find(state.capabilities, capability) != state.capabilities.end();
  };
  if (is_named && !has("CAPABILITY_NAMED_IAM"))
    return refuse("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]");
  if (needs_iam && !has("CAPABILITY_NAMED_IAM") && !has("CAPABILITY_IAM"))
    return refuse("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]");
  for (const std::string& transform : state.made->transforms) {
    if (transform == "AWS::LanguageExtensions") {
      // Those that only this transform knows need no capability; so does it itself.
      continue;
    }
    if (!has("CAPABILITY_AUTO_EXPAND"))
      return refuse("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_AUTO_EXPAND]");
  }
  Stack unnamed{.id = world_.arn("cloudformation", "stack/x/x"), .name = "x"};
  Resolver resolver = engine_.resolver_of(unnamed, state);
  if (auto checked = resolver.check_rules(); !checked) return std::unexpected(checked.error());
  if (auto wanted = engine_.wanted_resources(unnamed, state); !wanted) return std::unexpected(wanted.error());
  return state;
}

Answer<> StackService::create(const Call& call) {
  const Form& form = call.form;
  const std::string& name = form.get("StackName");
  if (!is_stack_name(name))
    return constraint(name, "stackName",
                      "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*");
  const std::string& on_failure = form.get("OnFailure");
  if (!on_failure.empty() && form.has("DisableRollback"))
    return validation_error("Specify either DisableRollback or OnFailure, but not both.");
  if (!on_failure.empty() && on_failure != "ROLLBACK" && on_failure != "DELETE" && on_failure != "DO_NOTHING")
    return constraint(on_failure, "onFailure",
                      "Member must satisfy enum value set: [ROLLBACK, DO_NOTHING, DELETE]");
  Stack* held = engine_.find_living(name);
  if (held != nullptr && held->status != "REVIEW_IN_PROGRESS") {
    const std::string& token = form.get("ClientRequestToken");
    if (!token.empty() && held->creation_token == token) return stack_id_reply(*held);
    return refuse("AlreadyExistsException", "Stack [" + name + "] already exists");
  }
  auto state = state_of(call, nullptr);
  if (!state) return std::unexpected(state.error());
  if (engine_.living() >= world_.settings.most_stacks)
    return refuse("LimitExceededException", "Limit for stack has been exceeded");
  Stack made{.id = world_.arn("cloudformation", "stack/" + name + "/" + world_.uuid()),
             .name = name,
             .made_by = call.caller.key_id,
             .creation_token = form.get("ClientRequestToken"),
             .created = world_.now(),
             .state = std::make_shared<StackState>(std::move(*state)),
             .retains_except_on_create = form.flag("RetainExceptOnCreate"),
             .is_protected = form.flag("EnableTerminationProtection")};
  if (!on_failure.empty()) made.on_failure = on_failure;
  if (form.flag("DisableRollback")) made.on_failure = "DO_NOTHING";
  Stack& stack = engine_.add(std::move(made));
  keep_token(stack, call);
  engine_.begin(stack, operation_of(call, Stage::create), "CREATE_IN_PROGRESS", "User Initiated");
  return stack_id_reply(stack);
}

Answer<bool> StackService::changes(Stack& stack, const StackState& state) {
  const StackState& before = *stack.state;
  if (state.tags != before.tags || state.role_arn != before.role_arn ||
      state.notification_arns != before.notification_arns)
    return true;
  if (stack.status == "UPDATE_FAILED" || !stack.leftovers.empty()) return true;
  const auto wanted = engine_.wanted_resources(stack, state);
  if (!wanted) return std::unexpected(wanted.error());
  for (const auto& [name, resource] : stack.resources)
    if (std::ranges::find(*wanted, name) == wanted->end()) return true;
  Resolver resolver = engine_.resolver_of(stack, state);
  for (const std::string& name : *wanted) {
    const auto held = stack.resources.find(name);
    const TemplateResource& resource = state.made->resources.at(name);
    if (held == stack.resources.end() || held->second.type != resource.type) return true;
    const auto properties = engine_.properties_of(resolver, resource);
    if (!properties || *properties != held->second.properties)
      return true;  // what fails, fails in the update
    const auto old = before.made->resources.find(name);
    const auto metadata = [](const TemplateResource& of) {
      const auto* found = of.body.if_contains("Metadata");
      return found == nullptr ? core::json::value() : *found;
    };
    if (old != before.made->resources.end() && metadata(old->second) != metadata(resource)) return true;
  }
  if (!world_.settings.outputs_are_a_change) return false;
  const auto outputs = engine_.outputs_of(stack, state);
  return !outputs || *outputs != *stack.outputs;
}

Answer<> StackService::update(const Call& call) {
  const std::string& name = call.form.get("StackName");
  Stack* stack = engine_.find_living(name);
  if (stack == nullptr) return validation_error("Stack [" + name + "] does not exist");
  const auto repeated = is_repetition(call, *stack);
  if (!repeated) return std::unexpected(repeated.error());
  if (*repeated) return stack_id_reply(*stack);
  static const std::set<std::string, std::less<>> updatable{
      "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE",
      "UPDATE_FAILED",   "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"};
  if (!updatable.contains(stack->status))
    return validation_error("Stack:" + stack->id + " is in " + stack->status +
                            " state and can not be updated.");
  auto state = state_of(call, stack->state.get());
  if (!state) return std::unexpected(state.error());
  const auto does_something = changes(*stack, *state);
  if (!does_something) return std::unexpected(does_something.error());
  if (!*does_something) return validation_error("No updates are to be performed.");
  Operation operation = operation_of(call, Stage::update);
  operation.keeps_failures = call.form.flag("DisableRollback");
  stack->retains_except_on_create = call.form.flag("RetainExceptOnCreate");
  operation.state_before = stack->state;
  operation.resources_before = stack->resources;
  operation.outputs_before = stack->outputs;
  stack->state = std::make_shared<StackState>(std::move(*state));
  stack->updated = world_.now();
  keep_token(*stack, call);
  engine_.begin(*stack, std::move(operation), "UPDATE_IN_PROGRESS", "User Initiated");
  return stack_id_reply(*stack);
}

Answer<> StackService::cancel(const Call& call) {
  const std::string& name = call.form.get("StackName");
  Stack* stack = engine_.find_living(name);
  if (stack == nullptr) return validation_error("Stack [" + name + "] does not exist");
  if (stack->status != "UPDATE_IN_PROGRESS")
    return validation_error("CancelUpdateStack cannot be called from current stack status");
  engine_.interrupt(*stack);
  return Reply{};
}

Answer<> StackService::continue_rollback(const Call& call) {
  const std::string& name = call.form.get("StackName");
  Stack* stack = engine_.find_living(name);
  if (stack == nullptr) return validation_error("Stack [" + name + "] does not exist");
  const auto repeated = is_repetition(call, *stack);
  if (!repeated) return std::unexpected(repeated.error());
  if (*repeated) return Reply{};
  if (stack->status != "UPDATE_ROLLBACK_FAILED" || !stack->operation)
    return validation_error("Stack:" + stack->id + " is in " + stack->status +
                            " state and can not continue rollback.");
  Operation operation = std::move(*stack->operation);
  operation.has_begun = false;
  operation.tasks.clear();
  operation.failed.clear();
  operation.token = call.form.get("ClientRequestToken");
  for (const std::string& each : call.form.list("ResourcesToSkip")) operation.skipped.insert(each);
  keep_token(*stack, call);
  engine_.begin(*stack, std::move(operation), "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated");
  return Reply{};
}

Answer<> StackService::remove(const Call& call) {
  const std::string& name = call.form.get("StackName");
  Stack* stack = engine_.find_living(name);
  if (stack == nullptr) return Reply{};  // no error where there is no such stack
  if (stack->is_protected)
    return validation_error("Stack [" + stack->name +
                            "] cannot be deleted while TerminationProtection is enabled");
  if (stack->status == "DELETE_IN_PROGRESS") return Reply{};
  const std::string& status = stack->status;
  if (status.ends_with("_IN_PROGRESS") && status != "CREATE_IN_PROGRESS" && status != "REVIEW_IN_PROGRESS" &&
      status != "ROLLBACK_IN_PROGRESS")
    return validation_error("Stack [" + stack->name + "] cannot be deleted while in status " + status);
  const auto retained = call.form.list("RetainResources");
  if (!retained.empty() && status != "DELETE_FAILED")
    return validation_error("Invalid operation on stack [" + stack->name +
                            "]: RetainResources is for stacks in DELETE_FAILED");
  keep_token(*stack, call);
  engine_.interrupt(*stack);
  Operation operation = operation_of(call, Stage::remove);
  operation.skipped.insert(retained.begin(), retained.end());
  engine_.begin(*stack, std::move(operation), "DELETE_IN_PROGRESS", "User Initiated");
  return Reply{};
}

Answer<> StackService::protect(const Call& call) {
  const std::string& name = call.form.get("StackName");
  Stack* stack = engine_.find_living(name);
  if (stack == nullptr) return validation_error("Stack [" + name + "] does not exist");
  stack->is_protected = call.form.flag("EnableTerminationProtection");
  engine_.show(*stack);
  return stack_id_reply(*stack);
}

Stack& StackService::begin_review(const std::string& name) {
  auto state = std::make_shared<StackState>();
  state->made = std::make_shared<Template>();
  Stack& stack = engine_.add({.id = world_.arn("cloudformation", "stack/" + name + "/" + world_.uuid()),
                              .name = name,
                              .created = world_.now(),
                              .state = std::move(state)});
  engine_.set_status(stack, "REVIEW_IN_PROGRESS", "User Initiated");
  return stack;
}

bool StackService::import(const std::string& name_or_id, bool succeeds, bool rollback_succeeds) {
  Stack* stack = engine_.find_living(name_or_id);
  if (stack == nullptr || stack->operation) return false;
  Operation operation{.stage = Stage::import,
                      .by = "an import",
                      .import_fails = !succeeds,
                      .import_rollback_fails = !rollback_succeeds};
  engine_.begin(*stack, std::move(operation), "IMPORT_IN_PROGRESS", "User Initiated");
  return true;
}

}  // namespace simulation
