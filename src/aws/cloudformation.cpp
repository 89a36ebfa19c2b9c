#include "aws/cloudformation.hpp"

#include "aws/page_cursor.hpp"
#include "aws/query_protocol.hpp"

namespace aws {

namespace {

constexpr const char* version = "2010-05-15";

QueryParameters to_parameters(const StackInput& input) {
  QueryParameters parameters;
  parameters.add("StackName", input.stack_name);
  if (!input.template_url.empty()) {
    parameters.add("TemplateURL", input.template_url);
  } else if (input.template_body.empty()) {
    parameters.add("UsePreviousTemplate", "true");
  } else {
    parameters.add("TemplateBody", input.template_body);
  }
  parameters.add_pairs("Parameters", "ParameterKey", "ParameterValue", input.parameters);
  std::size_t index = input.parameters.size();
  for (const std::string& name : input.unchanged_parameters) {
    const std::string prefix = "Parameters.member." + std::to_string(++index) + ".";
    parameters.add(prefix + "ParameterKey", name);
    parameters.add(prefix + "UsePreviousValue", "true");
  }
  parameters.add_pairs("Tags", "Key", "Value", input.tags);
  parameters.add_list("Capabilities", input.capabilities);
  parameters.add_if("ClientRequestToken", input.client_request_token);
  return parameters;
}

QueryParameters of_stack(const std::string& name_or_id) {
  QueryParameters parameters;
  parameters.add("StackName", name_or_id);
  return parameters;
}

NameValues pairs_of(const pugi::xml_node& list, const char* name, const char* value) {
  NameValues pairs;
  for (const auto& member : members(list))
    pairs.emplace_back(member.child_value(name), member.child_value(value));
  return pairs;
}

Stack to_stack(const pugi::xml_node& node) {
  return {.id = node.child_value("StackId"),
          .name = node.child_value("StackName"),
          .status = node.child_value("StackStatus"),
          .status_reason = node.child_value("StackStatusReason"),
          .last_updated = node.child_value("LastUpdatedTime"),
          .outputs = pairs_of(node.child("Outputs"), "OutputKey", "OutputValue"),
          .tags = pairs_of(node.child("Tags"), "Key", "Value"),
          .parameters = pairs_of(node.child("Parameters"), "ParameterKey", "ParameterValue")};
}

}  // namespace

// CloudFormation has no codes of their own for these.
bool says_unchanged(const core::Error& error) {
  return error.code == "ValidationError" &&
         error.message.find("No updates are to be performed") != std::string::npos;
}

bool says_busy(const core::Error& error) {
  return error.code == "ValidationError" && error.message.find("_IN_PROGRESS") != std::string::npos;
}

async::Task<core::Result<std::string>> CloudFormation::create_stack(StackInput input) {
  QueryParameters parameters = to_parameters(input);
  auto answer =
      co_await call_query(session_, Service::cloudformation, version, "CreateStack", std::move(parameters));
  if (!answer) co_return core::fail(std::move(answer.error()));
  co_return std::string(answer->result.child_value("StackId"));
}

async::Task<core::Result<>> CloudFormation::act(std::string action, QueryParameters parameters) {
  auto answer = co_await call_query(session_, Service::cloudformation, version, std::move(action),
                                    std::move(parameters));
  if (!answer) co_return core::fail(std::move(answer.error()));
  co_return core::Result<>();
}

async::Task<core::Result<>> CloudFormation::update_stack(StackInput input) {
  co_return co_await act("UpdateStack", to_parameters(input));
}

async::Task<core::Result<>> CloudFormation::cancel_update_stack(std::string name_or_id) {
  co_return co_await act("CancelUpdateStack", of_stack(name_or_id));
}

async::Task<core::Result<>> CloudFormation::continue_update_rollback(std::string name_or_id) {
  co_return co_await act("ContinueUpdateRollback", of_stack(name_or_id));
}

async::Task<core::Result<>> CloudFormation::delete_stack(std::string name_or_id,
                                                         std::string client_request_token) {
  QueryParameters parameters = of_stack(name_or_id);
  parameters.add_if("ClientRequestToken", client_request_token);
  co_return co_await act("DeleteStack", std::move(parameters));
}

async::Task<core::Result<std::string>> CloudFormation::get_template(std::string name_or_id) {
  QueryParameters parameters = of_stack(name_or_id);
  parameters.add("TemplateStage", "Original");
  auto answer =
      co_await call_query(session_, Service::cloudformation, version, "GetTemplate", std::move(parameters));
  if (!answer) co_return core::fail(std::move(answer.error()));
  co_return std::string(answer->result.child_value("TemplateBody"));
}

async::Task<core::Result<Stack>> CloudFormation::describe_stack(std::string name_or_id) {
  QueryParameters parameters = of_stack(name_or_id);
  auto answer = co_await call_query(session_, Service::cloudformation, version, "DescribeStacks",
                                    std::move(parameters));
  if (!answer) co_return core::fail(std::move(answer.error()));
  const auto stacks = members(answer->result.child("Stacks"));
  if (stacks.empty())
    co_return core::fail(core::ErrorKind::not_found, "Stack " + name_or_id + " does not exist");
  co_return to_stack(stacks.front());
}

async::Task<core::Result<StackPage>> CloudFormation::list_stacks_in_progress(std::string token) {
  QueryParameters parameters;
  parameters.add_list("StackStatusFilter",
                      {"CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "UPDATE_IN_PROGRESS",
                       "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS",
                       "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "DELETE_IN_PROGRESS"});
  parameters.add_if("NextToken", token);
  auto answer =
      co_await call_query(session_, Service::cloudformation, version, "ListStacks", std::move(parameters));
  if (!answer) co_return core::fail(std::move(answer.error()));
  StackPage page;
  for (const auto& node : members(answer->result.child("StackSummaries")))
    page.stacks.push_back(to_stack(node));
  page.next_token = answer->result.child_value("NextToken");
  co_return page;
}

async::Task<core::Result<std::vector<StackEvent>>> CloudFormation::describe_stack_events(
    std::string name_or_id, std::size_t limit) {
  std::vector<StackEvent> events;
  PageCursor pages;
  while (true) {
    QueryParameters parameters = of_stack(name_or_id);
    parameters.add_if("NextToken", pages.token());
    auto answer = co_await call_query(session_, Service::cloudformation, version, "DescribeStackEvents",
                                      std::move(parameters));
    if (!answer) co_return core::fail(std::move(answer.error()));
    for (const auto& node : members(answer->result.child("StackEvents"))) {
      if (events.size() == limit) co_return events;
      events.push_back({.id = node.child_value("EventId"),
                        .logical_id = node.child_value("LogicalResourceId"),
                        .resource_type = node.child_value("ResourceType"),
                        .status = node.child_value("ResourceStatus"),
                        .reason = node.child_value("ResourceStatusReason"),
                        .client_request_token = node.child_value("ClientRequestToken"),
                        .physical_id = node.child_value("PhysicalResourceId")});
    }
    const auto goes_on = pages.advance(answer->result.child_value("NextToken"));
    if (!goes_on) co_return core::fail(goes_on.error().with_context("DescribeStackEvents"));
    if (!*goes_on) co_return events;
  }
}

async::Task<core::Result<std::vector<StackEvent>>> CloudFormation::describe_validation_errors(
    std::string name_or_id) {
  QueryParameters parameters = of_stack(name_or_id);
  parameters.add("Filters.FailedEvents", "true");
  auto answer = co_await call_query(session_, Service::cloudformation, version, "DescribeEvents",
                                    std::move(parameters));
  if (!answer) co_return core::fail(std::move(answer.error()));
  std::vector<StackEvent> events;
  for (const auto& node : members(answer->result.child("OperationEvents"))) {
    if (std::string_view(node.child_value("EventType")) != "VALIDATION_ERROR") continue;
    events.push_back({.id = node.child_value("EventId"),
                      .logical_id = node.child_value("LogicalResourceId"),
                      .resource_type = node.child_value("ResourceType"),
                      .status = "VALIDATION_FAILED",
                      .reason = node.child_value("ValidationStatusReason"),
                      .client_request_token = {}});
  }
  co_return events;
}

async::Task<core::Result<std::vector<StackResource>>> CloudFormation::describe_stack_resources(
    std::string name_or_id) {
  QueryParameters parameters = of_stack(name_or_id);
  auto answer = co_await call_query(session_, Service::cloudformation, version, "DescribeStackResources",
                                    std::move(parameters));
  if (!answer) co_return core::fail(std::move(answer.error()));
  std::vector<StackResource> resources;
  for (const auto& node : members(answer->result.child("StackResources"))) {
    resources.push_back({.logical_id = node.child_value("LogicalResourceId"),
                         .physical_id = node.child_value("PhysicalResourceId"),
                         .type = node.child_value("ResourceType"),
                         .status = node.child_value("ResourceStatus"),
                         .changed = node.child_value("Timestamp")});
  }
  co_return resources;
}

}  // namespace aws
