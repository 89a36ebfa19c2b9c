// The calls that look at stacks.
#include <algorithm>
#include <charconv>

#include "simulation/aws/cloudformation/stack_service.hpp"

namespace simulation {

namespace {

constexpr auto kept_after_deletion = std::chrono::days(90);

void add_pairs(std::string& xml, std::string_view list, const auto& pairs, std::string_view key,
               std::string_view value) {
  xml.append("<").append(list).append(">");
  for (const auto& [name, text] : pairs) {
    xml += "<member>";
    add_element(xml, key, name);
    add_element(xml, value, text);
    xml += "</member>";
  }
  xml.append("</").append(list).append(">");
}

void add_optional(std::string& xml, std::string_view name, const std::string& text) {
  if (!text.empty()) add_element(xml, name, text);
}

void add_stack(std::string& to, const Stack& stack, const StackView& view) {
  std::string& xml = view.xml;
  if (!xml.empty()) {
    to += xml;
    return;
  }
  xml += "<member>";
  add_element(xml, "StackId", stack.id);
  add_element(xml, "StackName", stack.name);
  add_optional(xml, "Description",
               std::string(core::find_string(view.state->made->document, {"Description"})));
  add_element(xml, "CreationTime", xml_time(stack.created));
  if (view.updated) add_element(xml, "LastUpdatedTime", xml_time(*view.updated));
  if (view.deleted) add_element(xml, "DeletionTime", xml_time(*view.deleted));
  add_element(xml, "StackStatus", view.status);
  add_optional(xml, "StackStatusReason", view.reason);
  add_element(xml, "DisableRollback", stack.on_failure == "DO_NOTHING" ? "true" : "false");
  add_element(xml, "EnableTerminationProtection", view.is_protected ? "true" : "false");
  add_optional(xml, "RoleARN", view.state->role_arn);
  ParameterValues shown = view.state->given;
  for (auto& [name, value] : shown) {
    const TemplateParameter* parameter = view.state->made->find_parameter(name);
    if (parameter != nullptr && parameter->no_echo) value = "****";
  }
  add_pairs(xml, "Parameters", shown, "ParameterKey", "ParameterValue");
  xml += "<Outputs>";
  for (const StackOutput& output : *view.outputs) {
    xml += "<member>";
    add_element(xml, "OutputKey", output.key);
    add_element(xml, "OutputValue", output.value);
    add_optional(xml, "Description", output.description);
    add_optional(xml, "ExportName", output.export_name);
    xml += "</member>";
  }
  xml += "</Outputs>";
  add_pairs(xml, "Tags", view.state->tags, "Key", "Value");
  xml += "</member>";
  to += xml;
}

void add_event(std::string& xml, const Stack& stack, const StackEvent& event) {
  add_element(xml, "StackId", stack.id);
  add_element(xml, "EventId", event.id);
  add_element(xml, "StackName", stack.name);
  add_element(xml, "LogicalResourceId", event.logical_id);
  add_element(xml, "PhysicalResourceId", event.physical_id);
  add_element(xml, "ResourceType", event.type);
  add_element(xml, "Timestamp", xml_time(event.time));
  add_element(xml, "ResourceStatus", event.status);
  add_optional(xml, "ResourceStatusReason", event.reason);
  add_optional(xml, "ClientRequestToken", event.token);
}

// Where a page starts, as its token says.
std::size_t start_of(const Form& form) {
  const std::string& token = form.get("NextToken");
  std::size_t start = 0;
  if (token.starts_with("page-")) std::from_chars(token.data() + 5, token.data() + token.size(), start);
  return start;
}

}  // namespace

Answer<Stack*> StackService::known(const std::string& name_or_id) {
  Stack* stack = name_or_id.starts_with("arn:") ? engine_.find(name_or_id) : engine_.find_living(name_or_id);
  if (stack != nullptr && stack->is_deleted() && world_.now() - *stack->deleted >= kept_after_deletion)
    stack = nullptr;
  if (stack == nullptr) return validation_error("Stack with id " + name_or_id + " does not exist");
  return stack;
}

const StackView* StackService::view_of(const Stack& stack, milliseconds staleness) {
  const auto moment = world_.now() - world_.share_of(staleness);
  const StackView* found = nullptr;
  for (const StackView& view : stack.views)
    if (view.since <= moment) found = &view;
  // Older views were dropped where no one could see them any more.
  if (found == nullptr && stack.created <= moment && !stack.views.empty()) found = &stack.views.front();
  return found;
}

Answer<> StackService::describe(const Call& call) {
  const std::string& name = call.form.get("StackName");
  Reply reply{.body = "<Stacks>"};
  if (!name.empty()) {
    const bool by_id = name.starts_with("arn:");
    Stack* stack = by_id ? engine_.find(name) : engine_.find_newest(name);
    const StackView* view = stack == nullptr ? nullptr : view_of(*stack, world_.settings.describe_staleness);
    const bool is_gone = view != nullptr && view->status == "DELETE_COMPLETE" &&
                         (!by_id || world_.now() - *view->deleted >= kept_after_deletion);
    if (view == nullptr || is_gone) return validation_error("Stack with id " + name + " does not exist");
    add_stack(reply.body, *stack, *view);
    reply.body += "</Stacks>";
    return reply;
  }
  std::vector<const Stack*> all;
  for (const auto& [id, stack] : engine_.stacks())
    if (!stack->is_deleted()) all.push_back(stack.get());
  std::ranges::sort(all, std::greater(), &Stack::number);
  const std::size_t start = start_of(call.form),
                    end = std::min(all.size(), start + world_.settings.page_of_stacks);
  for (std::size_t i = start; i < end; ++i)
    if (const StackView* view = view_of(*all[i], world_.settings.describe_staleness))
      add_stack(reply.body, *all[i], *view);
  reply.body += "</Stacks>";
  if (end < all.size()) add_element(reply.body, "NextToken", "page-" + std::to_string(end));
  return reply;
}

Answer<> StackService::list(const Call& call) {
  const auto filter = call.form.list("StackStatusFilter");
  const auto& all = engine_.in_order();
  Reply reply{.body = "<StackSummaries>"};
  std::size_t count = 0;
  // The newest first. The token is the number of the last stack that was looked at: what is made meanwhile
  // shifts nothing.
  const std::string& token = call.form.get("NextToken");
  std::size_t before = all.size();
  if (token.starts_with("before-")) std::from_chars(token.data() + 7, token.data() + token.size(), before);
  std::string next;
  const bool is_late = world_.settings.list_staleness.count() > 0;
  for (std::size_t at = std::min(before, all.size()); at-- > 0;) {
    const Stack& stack = *all[at];
    if (stack.is_deleted() && world_.now() - *stack.deleted >= kept_after_deletion) continue;
    if (!is_late && !filter.empty() && std::ranges::find(filter, stack.status) == filter.end()) continue;
    const StackView* view = view_of(stack, world_.settings.list_staleness);
    if (view == nullptr || (!filter.empty() && std::ranges::find(filter, view->status) == filter.end()))
      continue;
    if (count == world_.settings.page_of_stacks) {
      next = "before-" + std::to_string(before);
      break;
    }
    ++count;
    before = stack.number;
    reply.body += "<member>";
    add_element(reply.body, "StackId", stack.id);
    add_element(reply.body, "StackName", stack.name);
    add_optional(reply.body, "TemplateDescription",
                 std::string(core::find_string(view->state->made->document, {"Description"})));
    add_element(reply.body, "CreationTime", xml_time(stack.created));
    if (view->updated) add_element(reply.body, "LastUpdatedTime", xml_time(*view->updated));
    if (view->deleted) add_element(reply.body, "DeletionTime", xml_time(*view->deleted));
    add_element(reply.body, "StackStatus", view->status);
    add_optional(reply.body, "StackStatusReason", view->reason);
    reply.body += "</member>";
  }
  reply.body += "</StackSummaries>";
  add_optional(reply.body, "NextToken", next);
  return reply;
}

Answer<> StackService::events(const Call& call) {
  const auto stack = known(call.form.get("StackName"));
  if (!stack) return validation_error("Stack [" + call.form.get("StackName") + "] does not exist");
  const auto& all = (*stack)->events;
  // The newest first; the token counts from the oldest, so that new events do not shift the pages.
  const std::string& token = call.form.get("NextToken");
  std::size_t left = all.size();
  if (token.starts_with("page-")) std::from_chars(token.data() + 5, token.data() + token.size(), left);
  left = std::min(left, all.size());
  Reply reply{.body = "<StackEvents>"};
  for (std::size_t count = 0; left > 0 && count < world_.settings.page_of_events; ++count) {
    reply.body += "<member>";
    add_event(reply.body, **stack, all[--left]);
    reply.body += "</member>";
  }
  reply.body += "</StackEvents>";
  if (left > 0) add_element(reply.body, "NextToken", "page-" + std::to_string(left));
  return reply;
}

Answer<> StackService::operation_events(const Call& call) {
  const auto stack = known(call.form.get("StackName"));
  if (!stack) return std::unexpected(stack.error());
  Reply reply{.body = "<OperationEvents>"};
  for (const StackEvent& event : (*stack)->validation_errors) {
    reply.body += "<member>";
    add_element(reply.body, "EventId", event.id);
    add_element(reply.body, "StackId", (*stack)->id);
    add_element(reply.body, "EventType", "VALIDATION_ERROR");
    add_element(reply.body, "LogicalResourceId", event.logical_id);
    add_element(reply.body, "ResourceType", event.type);
    add_element(reply.body, "Timestamp", xml_time(event.time));
    add_element(reply.body, "ValidationStatus", "FAILED");
    add_element(reply.body, "ValidationStatusReason", event.reason);
    reply.body += "</member>";
  }
  const bool only_failed = call.form.flag("Filters.FailedEvents");
  const auto& all = (*stack)->events;
  for (auto event = all.rbegin(); event != all.rend(); ++event) {
    if (only_failed && !event->status.ends_with("_FAILED")) continue;
    reply.body += "<member>";
    add_event(reply.body, **stack, *event);
    add_element(reply.body, "EventType", "PROGRESS_EVENT");
    reply.body += "</member>";
  }
  reply.body += "</OperationEvents>";
  return reply;
}

Answer<> StackService::resources(const Call& call) {
  const Form& form = call.form;
  const bool is_list = call.action == "ListStackResources";
  const bool is_one = call.action == "DescribeStackResource";
  const auto stack = known(form.get("StackName"));
  if (!stack)
    return is_list || is_one ? validation_error("Stack '" + form.get("StackName") + "' does not exist")
                             : std::unexpected(stack.error());
  const std::string& only = form.get("LogicalResourceId");
  std::string xml;
  bool has_found = false;
  for (const auto& [name, resource] : (*stack)->resources) {
    if (resource.status.empty() || (!only.empty() && name != only)) continue;
    if (is_list && resource.status == "DELETE_COMPLETE" && !(*stack)->is_deleted()) continue;
    has_found = true;
    if (!is_one) xml += "<member>";
    add_element(xml, "StackName", (*stack)->name);
    add_element(xml, "StackId", (*stack)->id);
    add_element(xml, "LogicalResourceId", name);
    add_optional(xml, "PhysicalResourceId", resource.physical_id);
    add_element(xml, "ResourceType", resource.type);
    add_element(xml, is_list || is_one ? "LastUpdatedTimestamp" : "Timestamp", xml_time(resource.changed));
    add_element(xml, "ResourceStatus", resource.status);
    add_optional(xml, "ResourceStatusReason", resource.reason);
    if (!is_one) xml += "</member>";
  }
  if (!only.empty() && !has_found)
    return validation_error("Resource " + only + " does not exist for stack " + form.get("StackName"));
  const std::string list = is_list  ? "StackResourceSummaries"
                           : is_one ? "StackResourceDetail"
                                    : "StackResources";
  return Reply{.body = "<" + list + ">" + xml + "</" + list + ">"};
}

Answer<> StackService::get_template(const Call& call) {
  const auto stack = known(call.form.get("StackName"));
  if (!stack) return std::unexpected(stack.error());
  Reply reply;
  add_element(reply.body, "TemplateBody", (*stack)->state->made->body);
  reply.body += "<StagesAvailable><member>Original</member><member>Processed</member></StagesAvailable>";
  return reply;
}

Answer<> StackService::validate(const Call& call) {
  const auto made = template_of(call.form, nullptr);
  if (!made) return std::unexpected(made.error());
  Reply reply{.body = "<Parameters>"};
  for (const TemplateParameter& parameter : (*made)->parameters) {
    reply.body += "<member>";
    add_element(reply.body, "ParameterKey", parameter.name);
    if (parameter.default_value) add_element(reply.body, "DefaultValue", *parameter.default_value);
    add_element(reply.body, "NoEcho", parameter.no_echo ? "true" : "false");
    reply.body += "</member>";
  }
  reply.body += "</Parameters>";
  return reply;
}

}  // namespace simulation
