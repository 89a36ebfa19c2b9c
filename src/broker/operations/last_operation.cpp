// GET /v2/service_instances/:id/last_operation. A poll also moves the record on: it is where the outcome is
// learnt.
#include <algorithm>

#include "broker/operations/data_loss.hpp"
#include "broker/operations/kept_resources.hpp"
#include "broker/operations/stack_state.hpp"
#include "broker/service_broker.hpp"
#include "broker/stack_tags.hpp"
#include "core/text.hpp"

namespace broker {

namespace {

using core::ErrorKind;
using core::fail;
using osb::LastOperationResponse;
using osb::OperationState;

LastOperationResponse succeeded() {
  return {.state = OperationState::succeeded};
}

LastOperationResponse failed(std::string why) {
  return {.state = OperationState::failed, .description = std::move(why)};
}

LastOperationResponse outcome_of(const UpdateOutcome& update) {
  if (update.failure.empty()) return succeeded();
  // The instance is its new owner's all the same, and a provision that failed would have it deleted.
  if (update.is_adoption)
    return {.state = OperationState::succeeded,
            .description =
                "The instance is adopted, but the tags of its stack could not be changed: " + update.failure};
  LastOperationResponse answer = failed(update.failure);
  answer.instance_usable = update.usable;
  answer.update_repeatable = true;
  return answer;
}

// "": the last operation, if it was an update.
const UpdateOutcome* find_past_update(const InstanceRecord& record, const std::string& operation) {
  const bool is_ready = record.phase == InstancePhase::ready;
  if (operation.empty())
    return is_ready && !record.past_updates.empty() ? &record.past_updates.back() : nullptr;
  const auto found = std::ranges::find(record.past_updates, operation, &UpdateOutcome::operation);
  return found != record.past_updates.end() ? &*found : nullptr;
}

boost::json::object sent_parameters(const InstanceRecord& record) {
  const auto* found = core::find_object(record.stack_input, {"parameters"});
  return found != nullptr ? *found : boost::json::object();
}

// A stack that CloudFormation was told to work on, as long as nothing else is known of it.
aws::Stack just_begun(const InstanceRecord& record) {
  std::string status = "CREATE_IN_PROGRESS";
  if (record.phase == InstancePhase::updating) status = "UPDATE_IN_PROGRESS";
  if (record.phase == InstancePhase::deleting) status = "DELETE_IN_PROGRESS";
  return {.id = record.stack_id, .name = record.stack_name, .status = std::move(status)};
}

}  // namespace

PolledStack ServiceBroker::polled(const InstanceRecord& record) const {
  return {.placement = place_of(record),
          .stack = record.stack_id.empty() ? record.stack_name : record.stack_id,
          .version = record.version};
}

async::Task<core::Result<LastOperationResponse>> ServiceBroker::last_operation(
    const osb::LastOperationRequest& request, const osb::CallContext&) {
  if (!request.binding_id.empty()) co_return co_await bindings_.last_operation(request);
  // What is in progress stays so whatever another replica has written to the record meanwhile.
  const std::string asked = request.instance_id + "/" + request.operation;
  const auto recent = recent_answers_.find(asked);
  if (recent && poller_->is_in_progress(recent->question)) co_return recent->answer;
  auto record = co_await store_.get_instance(request.instance_id);
  if (!record) co_return fail(std::move(record.error()));
  if (!*record) {
    // Only the end of a deletion removes a record.
    const ErrorKind kind = request.operation == "deprovision" ? ErrorKind::gone : ErrorKind::not_found;
    co_return fail(kind, "There is no instance " + request.instance_id + ".");
  }
  const auto begun = core::parse_rfc3339((*record)->begun);
  const bool has_stack = !(*record)->stack_id.empty();
  PolledStack question = polled(**record);
  auto answer = co_await instance_operation(std::move(**record), request.operation);
  if (!answer || answer->state != OperationState::in_progress) {
    recent_answers_.forget(asked);
    co_return answer;
  }
  const core::SystemTime now = clock_.system_now();
  answer->retry_after = poll_again_after(now - begun.value_or(now));
  if (poller_ != nullptr && has_stack)
    recent_answers_.put(asked, {.question = std::move(question), .answer = *answer});
  co_return answer;
}

async::Task<core::Result<LastOperationResponse>> ServiceBroker::instance_operation(InstanceRecord record,
                                                                                   std::string operation) {
  if (const UpdateOutcome* past = find_past_update(record, operation)) co_return outcome_of(*past);
  switch (record.phase) {
    case InstancePhase::ready:
      co_return succeeded();
    case InstancePhase::failed:
      co_return failed(record.failure);
    case InstancePhase::creating:
      co_return co_await creation_state(std::move(record));
    case InstancePhase::updating:
      // Asked by its name, the creation has succeeded.
      if (!operation.empty() && operation != record.update->operation) co_return succeeded();
      co_return co_await update_state(std::move(record));
    case InstancePhase::deleting:
      break;
  }
  const std::string id = record.id;
  auto deletion = co_await deletion_state(std::move(record));
  // The deletion's success is not that of an operation that it has overtaken.
  if (deletion && !operation.empty() && operation != "deprovision")
    co_return fail(ErrorKind::not_found, "The instance " + id + " is deleted, as another request has asked.");
  co_return deletion;
}

async::Task<core::Result<std::optional<InstanceRecord>>> ServiceBroker::advance_operation(
    InstanceRecord record) {
  std::string id = record.id;
  switch (record.phase) {
    case InstancePhase::ready:
    case InstancePhase::failed:
      co_return record;
    case InstancePhase::updating: {
      auto advanced = co_await advance_update(std::move(record), UpdateTry::again);
      if (!advanced) co_return fail(std::move(advanced.error()));
      co_return std::move(*advanced);
    }
    case InstancePhase::creating:
    case InstancePhase::deleting:
      break;
  }
  auto state = record.phase == InstancePhase::creating ? co_await creation_state(std::move(record))
                                                       : co_await deletion_state(std::move(record));
  if (!state) co_return fail(std::move(state.error()));
  co_return co_await store_.get_instance(std::move(id));
}

async::Task<core::Result<std::optional<InstanceRecord>>> ServiceBroker::find_instance(std::string id) {
  auto record = co_await store_.get_instance(std::move(id));
  if (!record || !*record || (*record)->stack_id.empty() || (*record)->phase == InstancePhase::deleting)
    co_return record;
  co_return co_await advance_operation(std::move(**record));
}

async::Task<core::Result<std::optional<aws::Stack>>> ServiceBroker::stack_now(const InstanceRecord& record) {
  std::string name = record.stack_id.empty() ? record.stack_name : record.stack_id;
  auto stack = co_await cloud_of(record).describe_stack(std::move(name));
  if (stack && stack->status != "DELETE_COMPLETE" && !is_stack_of(record, *stack, options_.broker_id))
    co_return fail(not_of_instance(record));
  if (stack) co_return std::move(*stack);
  if (stack.error().kind == ErrorKind::not_found) co_return std::nullopt;
  co_return fail(std::move(stack.error()));
}

async::Task<core::Result<std::optional<aws::Stack>>> ServiceBroker::stack_of(const InstanceRecord& record) {
  if (poller_ == nullptr) co_return co_await stack_now(record);
  if (auto keys = check_keys(place_of(record)); !keys) co_return fail(std::move(keys.error()));
  auto known = co_await poller_->poll(polled(record));
  if (known) co_return std::move(*known).value_or(just_begun(record));
  if (known.error().kind == ErrorKind::not_found) co_return std::nullopt;
  co_return fail(std::move(known.error()));
}

async::Task<core::Result<LastOperationResponse>> ServiceBroker::update_state(InstanceRecord record) {
  const std::string operation = record.update->operation;
  auto advanced = co_await advance_update(std::move(record), UpdateTry::again);
  if (!advanced) co_return fail(std::move(advanced.error()));
  if (const UpdateOutcome* past = find_past_update(*advanced, operation)) co_return outcome_of(*past);
  co_return LastOperationResponse{
      .state = OperationState::in_progress,
      .description = recent_progress_.find(advanced->id).value_or("The stack is being updated")};
}

async::Task<std::vector<aws::StackResource>> ServiceBroker::resources_of(const InstanceRecord& record) {
  if (poller_ != nullptr) co_return poller_->resources(polled(record));
  auto resources = co_await cloud_of(record).stack_resources(record.stack_id);
  co_return resources ? std::move(*resources) : std::vector<aws::StackResource>();
}

async::Task<core::Result<LastOperationResponse>> ServiceBroker::creation_state(InstanceRecord record) {
  if (record.stack_id.empty()) {
    auto made = co_await ensure_stack(std::move(record));
    if (!made && made.error().kind == ErrorKind::invalid) co_return failed(made.error().message);
    if (!made) co_return fail(std::move(made.error()));
    record = std::move(*made);
  }
  const auto found = co_await stack_of(record);
  if (!found) co_return fail(found.error());
  const std::optional<aws::Stack>& stack = *found;
  const bool deleted = !stack || stack->status.starts_with("DELETE_");
  const OperationState state = deleted ? OperationState::failed : creation_state_of(stack->status);
  if (state == OperationState::in_progress) {
    std::string description = co_await progress(record);
    co_return LastOperationResponse{.state = state, .description = std::move(description)};
  }
  recent_progress_.forget(record.id);
  if (state == OperationState::succeeded) {
    record.phase = InstancePhase::ready;
  } else {
    record.phase = InstancePhase::failed;
    record.failure = deleted ? "The stack " + record.stack_name + " was deleted by someone else."
                             : co_await failure_reason(record, *stack);
  }
  const std::string failure = record.failure;
  auto written = co_await store_.put_instance(std::move(record));
  // Of two polls at once one is told `conflict`: the outcome is the same.
  if (!written && written.error().kind != ErrorKind::conflict) co_return fail(std::move(written.error()));
  co_return state == OperationState::succeeded ? succeeded() : failed(failure);
}

async::Task<core::Result<LastOperationResponse>> ServiceBroker::deletion_state(InstanceRecord record) {
  // By its name alone a stack may be another's, which only the whole answer tells.
  const bool is_known = !record.stack_id.empty();
  core::Result<std::optional<aws::Stack>> found;
  if (is_known) {
    found = co_await stack_of(record);
  } else {
    found = co_await stack_now(record);
  }
  if (!found && found.error().kind == ErrorKind::conflict) {
    if (is_known) co_return failed(found.error().message);
    found = std::optional<aws::Stack>();
  }
  if (!found) co_return fail(found.error());
  const std::optional<aws::Stack>& stack = *found;
  if (!stack || stack->status == "DELETE_COMPLETE") {
    std::string description = co_await deletion_outcome(record, stack);
    auto forgotten = co_await forget_instance(std::move(record));
    if (!forgotten) co_return fail(std::move(forgotten.error()));
    co_return LastOperationResponse{.state = OperationState::succeeded,
                                    .description = std::move(description)};
  }
  if (stack->status == "DELETE_FAILED") {
    auto answer = failed(co_await failure_reason(record, *stack));
    answer.instance_usable = false;  // parts of it are gone
    co_return answer;
  }
  const bool is_busy = stack->status.starts_with("UPDATE_") && stack->status.ends_with("_IN_PROGRESS");
  if (stack->status != "DELETE_IN_PROGRESS" && !is_busy) {
    // The deletion was decided but never reached CloudFormation, or a creation was still under way.
    auto started = co_await start_deletion(std::move(record));
    if (!started && started.error().kind == ErrorKind::conflict) co_return failed(started.error().message);
    if (!started) co_return fail(std::move(started.error()));
  }
  co_return LastOperationResponse{.state = OperationState::in_progress,
                                  .description = "The stack is being deleted"};
}

async::Task<std::string> ServiceBroker::deletion_outcome(const InstanceRecord& record,
                                                         const std::optional<aws::Stack>& stack) {
  if (record.stack_id.empty()) co_return "There was no stack.";
  if (!stack) co_return "The stack no longer exists. What its DeletionPolicy may have kept is not known.";
  const auto events = co_await cloud_of(record).stack_events(record.stack_id);
  // The deletion has ended all the same.
  if (!events)
    co_return "The stack is deleted. What its DeletionPolicy may have kept could not be read: " +
        core::shortened(events.error().message, 300);
  const std::set<std::string> snapshots = co_await snapshots_of_stack(record, *stack);
  co_return without_secrets(record, deletion_text(*events, record.stack_name, snapshots));
}

async::Task<std::set<std::string>> ServiceBroker::snapshots_of_stack(const InstanceRecord& record,
                                                                     const aws::Stack& stack) {
  const auto service = co_await template_of(record);
  if (!service) co_return std::set<std::string>();
  const auto document = document_of(**service);
  auto given = sealed_values_.open(record.parameters, record.id);
  auto sent = sealed_values_.open(sent_parameters(record), record.id);
  if (!document || !given || !sent) co_return std::set<std::string>();
  const InstanceValues recorded{.given = std::move(*given), .sent = std::move(*sent), .tags = {}};
  co_return snapshots_of({.document = *document, .parameters = values_before(recorded, **service, stack)});
}

async::Task<std::string> ServiceBroker::progress(const InstanceRecord& record) {
  if (const auto recent = recent_progress_.find(record.id)) co_return *recent;
  std::string text = "The stack is being created";
  if (const auto resources = co_await resources_of(record); !resources.empty()) {
    const auto service = co_await template_of(record);
    text = progress_text(resources, service ? (*service)->resource_count : resources.size());
  }
  recent_progress_.put(record.id, text);
  co_return text;
}

std::string ServiceBroker::without_secrets(const InstanceRecord& record, std::string text) const {
  if (const auto* values = core::find_object(record.stack_input, {"parameters"}))
    text = sealed_values_.hide(*values, record.id, std::move(text));
  if (!record.update) return text;
  if (const auto* values = core::find_object(record.update->stack_input, {"parameters"}))
    text = sealed_values_.hide(*values, record.id, std::move(text));
  return text;
}

async::Task<std::string> ServiceBroker::failure_reason(const InstanceRecord& record,
                                                       const aws::Stack& stack) {
  // Before anything is cut, so that no half of a secret is left.
  const auto hide = [&](std::vector<aws::StackEvent>& all) {
    for (aws::StackEvent& each : all) each.reason = without_secrets(record, std::move(each.reason));
  };
  auto events = co_await cloud_of(record).stack_events(stack.id);
  if (events) {
    *events = events_of_last_operation(std::move(*events), stack.name);
    hide(*events);
  }
  std::string reasons = events ? failure_reasons(*events) : std::string();
  if (reasons.empty()) {  // no resource was begun: CloudFormation checks templates and parameters first
    auto errors = co_await cloud_of(record).validation_errors(stack.id);
    if (errors) {
      hide(*errors);
      reasons = failure_reasons(*errors);
    }
  }
  if (reasons.empty() && events) reasons = stack_failure(*events);
  if (reasons.empty()) reasons = without_secrets(record, stack.status_reason);
  co_return reasons.empty() ? "The stack's status is " + stack.status : reasons;
}

}  // namespace broker
