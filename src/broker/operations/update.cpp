// PATCH /v2/service_instances/:id. Intent (PendingUpdate in the record) → act (UpdateStack, with a token of
// the operation) → outcome (a poll learns it; only then the record's own fields change).
#include <algorithm>

#include "broker/fingerprint.hpp"
#include "broker/ids.hpp"
#include "broker/operations/data_loss.hpp"
#include "broker/operations/maintenance.hpp"
#include "broker/operations/stack_state.hpp"
#include "broker/operations/update_step.hpp"
#include "broker/operations/wanted_update.hpp"
#include "broker/service_broker.hpp"
#include "broker/value_text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;

constexpr std::size_t most_past_updates = 10;

core::Result<> check_updatable(const std::optional<InstanceRecord>& record,
                               const osb::UpdateRequest& request) {
  if (!record) return fail(ErrorKind::invalid, "There is no instance " + request.instance_id + ".");
  if (record->service_id != request.service_id)
    return fail(ErrorKind::invalid, "The instance " + record->id + " belongs to another service.");
  switch (record->phase) {
    case InstancePhase::ready:
    case InstancePhase::updating:
      return {};
    case InstancePhase::failed:
      return fail(ErrorKind::unprocessable,
                  "The creation of the instance " + record->id + " has failed; delete it.");
    case InstancePhase::creating:
    case InstancePhase::deleting:
      break;
  }
  return fail(ErrorKind::unprocessable,
              "Another operation on the instance " + record->id + " is in progress.", "ConcurrencyError");
}

json::object object_at(const json::object& object, std::string_view key) {
  const json::object* found = core::find_object(object, {key});
  return found != nullptr ? *found : json::object();
}

osb::UpdateResponse in_progress(const PendingUpdate& update) {
  return {.outcome = osb::Outcome::in_progress, .operation = update.operation, .metadata = {}};
}

bool is_the_same(const PendingUpdate& one, const PendingUpdate& other) {
  return one.fingerprint == other.fingerprint && one.template_digest == other.template_digest &&
         object_at(one.stack_input, "tags") == object_at(other.stack_input, "tags");
}

// The values that differ from the stack's are sent, the others stay as CloudFormation has them.
void add_parameters(aws::StackInput& input, const json::object& before, const json::object& wanted,
                    const Template& service, bool same_template) {
  for (const TemplateParameter& parameter : service.parameters) {
    const json::value* old_value = before.if_contains(parameter.name);
    const json::value* new_value = wanted.if_contains(parameter.name);
    const bool keeps_value = old_value != nullptr && new_value != nullptr && *old_value == *new_value;
    const bool keeps_default = old_value == nullptr && new_value == nullptr && same_template;
    if (keeps_value || keeps_default) {
      input.unchanged_parameters.push_back(parameter.name);
    } else if (new_value != nullptr) {
      input.parameters.emplace_back(parameter.name, value_text(*new_value));
    }  // else the template's default
  }
}

// A record of before there was such a list begins one only while it is sure to be whole.
void note_plan(InstanceRecord& record, const std::string& plan_id) {
  if (record.plan_ids.empty() && record.updates > 1) return;
  for (const std::string& each : {record.plan_id, plan_id}) {
    if (std::ranges::find(record.plan_ids, each) == record.plan_ids.end()) record.plan_ids.push_back(each);
  }
}

void end_update(InstanceRecord& record, std::string failure, bool usable) {
  record.phase = InstancePhase::ready;
  record.past_updates.push_back({.operation = record.update->operation,
                                 .failure = std::move(failure),
                                 .usable = usable,
                                 .is_adoption = record.update->is_adoption});
  if (record.past_updates.size() > most_past_updates) record.past_updates.erase(record.past_updates.begin());
  record.update.reset();
}

void commit(InstanceRecord& record) {
  PendingUpdate& update = *record.update;
  record.plan_id = std::move(update.plan_id);
  record.fingerprint = std::move(update.fingerprint);
  record.template_digest = std::move(update.template_digest);
  record.parameters = std::move(update.parameters);
  record.stack_input = std::move(update.stack_input);
  end_update(record, "", true);
}

}  // namespace

async::Task<core::Result<osb::UpdateResponse>> ServiceBroker::update(const osb::UpdateRequest& asked,
                                                                     const osb::CallContext&) {
  osb::UpdateRequest request = asked;
  const auto may_lose_data = take_consent(request.parameters, catalog_->options());
  if (!may_lose_data) co_return fail(may_lose_data.error());
  for (int attempt = 0; attempt < most_decisions; ++attempt) {
    auto record = co_await find_instance(request.instance_id);
    if (!record) co_return fail(std::move(record.error()));
    if (auto checked = check_updatable(*record, request); !checked)
      co_return fail(std::move(checked.error()));
    if (auto keys = check_keys(place_of(**record)); !keys) co_return fail(std::move(keys.error()));
    const InstanceOrigin origin = instance_origin_of(request.context, "", "");
    if (origin != InstanceOrigin()) {
      if (auto same = co_await check_origin_of(**record, origin); !same)
        co_return fail(std::move(same.error()));
      auto noted = co_await complete_origin(std::move(**record), origin);
      if (!noted) co_return fail(std::move(noted.error()));
      // Written meanwhile, it may be another namespace's, or be deleted.
      if (auto checked = check_updatable(*noted, request); !checked)
        co_return fail(std::move(checked.error()));
      if (auto same = co_await check_origin_of(*noted, origin); !same)
        co_return fail(std::move(same.error()));
      record = std::optional(std::move(*noted));
    }
    auto wanted = co_await wanted_update(**record, request, *may_lose_data);
    if (!wanted) co_return fail(std::move(wanted.error()));
    if ((*record)->update) {
      if (!*wanted || !is_the_same(**wanted, *(*record)->update)) {
        co_return fail(ErrorKind::unprocessable, "Another update of this instance is in progress.",
                       "ConcurrencyError");
      }
      co_return in_progress(*(*record)->update);
    }
    if (!*wanted) co_return osb::UpdateResponse{};
    if (!request.accepts_incomplete) {
      co_return fail(ErrorKind::unprocessable,
                     "This service is only updated asynchronously: send accepts_incomplete=true.",
                     "AsyncRequired");
    }
    InstanceRecord intended = std::move(**record);
    (*wanted)->operation = "update-" + std::to_string(++intended.updates);
    intended.phase = InstancePhase::updating;
    note_plan(intended, (*wanted)->plan_id);
    intended.update = std::move(**wanted);
    intended.begun = core::to_rfc3339(clock_.system_now());
    auto written = co_await store_.put_instance(std::move(intended));
    if (!written && written.error().kind == ErrorKind::conflict) continue;
    if (!written) co_return fail(std::move(written.error()));
    auto begun = co_await advance_update(std::move(*written), UpdateTry::first);
    if (!begun) co_return fail(std::move(begun.error()));
    if (begun->update) co_return in_progress(*begun->update);
    const bool failed = !begun->past_updates.empty() && !begun->past_updates.back().failure.empty();
    if (failed) co_return fail(ErrorKind::invalid, begun->past_updates.back().failure);
    co_return osb::UpdateResponse{};
  }
  co_return fail(ErrorKind::unprocessable, "Another request for this instance is being handled.",
                 "ConcurrencyError");
}

// nullopt: the instance is as it is wanted.
async::Task<core::Result<std::optional<PendingUpdate>>> ServiceBroker::wanted_update(
    const InstanceRecord& record, const osb::UpdateRequest& request, bool may_lose_data) {
  const auto target = co_await update_target(record, request);
  if (!target) co_return fail(target.error());
  auto given = sealed_values_.open(record.parameters, record.id);
  auto sent = sealed_values_.open(object_at(record.stack_input, "parameters"), record.id);
  if (!given) co_return fail(std::move(given.error()));
  if (!sent) co_return fail(std::move(sent.error()));
  InstanceValues values{
      .given = std::move(*given), .sent = std::move(*sent), .tags = object_at(record.stack_input, "tags")};
  // The Go broker kept the plan's values with what was given.
  if (record.fingerprint.empty()) values.given = without_plans_own(std::move(values.given), target->now);
  auto wanted = wanted_values(values, *target, options_.overrides, request);
  if (!wanted) co_return fail(std::move(wanted.error()));
  if (target->keeps_all() && *wanted == values) co_return std::nullopt;

  PendingUpdate update;
  // One that is under way was checked when it began, and in a stack that is gone nothing is left to lose.
  if (!record.update) {
    const auto stack = co_await stack_now(record);
    if (!stack) co_return fail(stack.error());
    const bool is_there = *stack && !(*stack)->status.starts_with("DELETE_");
    const auto kept =
        is_there && !may_lose_data ? check_keeps_data(values, *wanted, *target, **stack) : core::Result<>();
    if (!kept) co_return fail(kept.error());
    if (is_there) update.last_updated = (*stack)->last_updated;
  }

  const Template& service = *target->wanted.service;
  update.plan_id = request.plan_id.value_or(record.plan_id);
  update.fingerprint = fingerprint_of(record.service_id, update.plan_id, wanted->given);
  // The Go broker's own templates are not kept.
  const bool is_new_template = service.digest != target->now.service->digest;
  update.template_digest = is_new_template ? service.digest : record.template_digest;
  update.parameters = sealed_values_.seal(service, std::move(wanted->given), record.id);
  update.stack_input = {{"parameters", sealed_values_.seal(service, std::move(wanted->sent), record.id)},
                        {"tags", std::move(wanted->tags)}};
  if (is_new_template) {
    auto kept = co_await keep_template(target->wanted.service);
    if (!kept) co_return fail(std::move(kept.error()));
  }
  co_return update;
}

async::Task<core::Result<UpdateTarget>> ServiceBroker::update_target(const InstanceRecord& record,
                                                                     const osb::UpdateRequest& request) {
  auto in_use = co_await template_in_use(record);
  if (!in_use) co_return fail(std::move(in_use.error()));
  auto now = catalog_->select(*in_use, record.plan_id);
  if (!now) co_return fail(std::move(now.error()));
  std::shared_ptr<const Template> service = *in_use;
  const auto current = catalog_->find_service(record.service_id);
  if (current) {
    if (auto checked = must_be_current(request.maintenance_info, *current); !checked)
      co_return fail(std::move(checked.error()));
    // Platforms name the version also where it is the instance's own.
    const bool asks_for_it = request.maintenance_info.is_object();
    if (asks_for_it && current->maintenance_version != service->maintenance_version) service = current;
  }
  auto wanted = catalog_->select(std::move(service), request.plan_id.value_or(record.plan_id));
  if (!wanted) co_return fail(std::move(wanted.error()));
  co_return UpdateTarget{.now = std::move(*now), .wanted = std::move(*wanted)};
}

// The Go broker did not say which template it used, but CloudFormation knows.
async::Task<core::Result<std::shared_ptr<const Template>>> ServiceBroker::template_in_use(
    const InstanceRecord& record) {
  if (!record.template_digest.empty()) co_return co_await template_of(record);
  auto body = co_await cloud_of(record).get_template(record.stack_id);
  if (!body) co_return fail(std::move(body.error()));
  auto parsed = parse_template(std::move(*body), "of the stack " + record.stack_name);
  if (!parsed) co_return fail(std::move(parsed.error()));
  co_return std::make_shared<const Template>(std::move(*parsed));
}

async::Task<core::Result<InstanceRecord>> ServiceBroker::advance_update(InstanceRecord record,
                                                                        UpdateTry which) {
  // Before UpdateStack nothing that was learnt earlier will do.
  core::Result<std::optional<aws::Stack>> found;
  if (record.update->accepted) {
    found = co_await stack_of(record);
  } else {
    found = co_await stack_now(record);
  }
  if (!found) co_return fail(std::move(found.error()));
  const std::optional<aws::Stack>& stack = *found;
  switch (next_update_step(*record.update, stack)) {
    case UpdateStep::wait:
      co_await note_update_progress(record, *stack);
      co_return record;
    case UpdateStep::continue_rollback:
      co_return co_await continue_rollback(std::move(record));
    case UpdateStep::send:
      // An earlier try may have begun the update: only the first one finds the stack as it was before.
      if (which == UpdateTry::first) record.update->last_updated = stack->last_updated;
      co_return co_await send_update(std::move(record), which);
    case UpdateStep::commit: {
      // Before the record says that it is done: a failure here is mended by the next poll.
      auto refreshed = co_await bindings_.refresh_policies(record);
      if (!refreshed) co_return fail(std::move(refreshed.error()));
      commit(record);
      break;
    }
    case UpdateStep::undone:
      end_update(record, co_await failure_reason(record, *stack), true);
      break;
    case UpdateStep::stuck:
      end_update(record, co_await failure_reason(record, *stack), false);
      break;
    case UpdateStep::lost:
      end_update(record, "The stack " + record.stack_name + " was deleted by someone else.", false);
      break;
  }
  recent_progress_.forget(record.id);
  co_return co_await put_or_reread(std::move(record));
}

async::Task<core::Result<InstanceRecord>> ServiceBroker::put_or_reread(InstanceRecord record) {
  std::string id = record.id;
  auto written = co_await store_.put_instance(std::move(record));
  if (written || written.error().kind != ErrorKind::conflict) co_return written;
  auto stored = co_await store_.get_instance(id);
  if (!stored) co_return fail(std::move(stored.error()));
  if (!*stored) co_return fail(ErrorKind::gone, "There is no instance " + id + ".");
  co_return std::move(**stored);
}

async::Task<> ServiceBroker::note_update_progress(const InstanceRecord& record, const aws::Stack& stack) {
  if (recent_progress_.find(record.id)) co_return;
  std::string text = "The stack is being updated";
  if (stack.status.find("ROLLBACK") != std::string::npos) {
    text = "The update has failed and is being rolled back";
  } else if (const auto resources = co_await resources_of(record); !resources.empty()) {
    text = update_progress_text(resources, stack.last_updated);
  }
  recent_progress_.put(record.id, std::move(text));
}

async::Task<core::Result<InstanceRecord>> ServiceBroker::continue_rollback(InstanceRecord record) {
  auto continued = co_await cloud_of(record).continue_update_rollback(record.stack_id);
  if (!continued && continued.error().retryable()) co_return fail(std::move(continued.error()));
  // Refused: it is under way already, or the next step finds that it is stuck.
  record.update->rollback_continued = true;
  co_return co_await put_or_reread(std::move(record));
}

async::Task<core::Result<InstanceRecord>> ServiceBroker::send_update(InstanceRecord record, UpdateTry which) {
  auto input = co_await update_input(record);
  if (!input) co_return fail(std::move(input.error()));
  const auto sent = co_await cloud_of(record).update_stack(std::move(*input));
  if (!sent && sent.error().kind == ErrorKind::throttled && which == UpdateTry::first &&
      !record.update->is_adoption) {
    // Nothing has begun, and another request may want something else.
    record.phase = InstancePhase::ready;
    record.update.reset();
    auto withdrawn = co_await store_.put_instance(std::move(record));
    co_return fail(withdrawn ? sent.error() : withdrawn.error());
  }
  if (!sent && aws::says_busy(sent.error())) co_return record;  // another poll's or replica's was first
  // Whether it has begun is not known, or it can be sent again later: the next poll does.
  if (!sent && sent.error().kind != ErrorKind::conflict && !is_refusal(sent.error()))
    co_return fail(sent.error());
  if (sent) {
    record.update->accepted = true;
    recent_progress_.put(record.id, "The stack is being updated");
  } else if (sent.error().kind == ErrorKind::conflict) {
    record.update->accepted = true;  // by an earlier try: the token has been used
  } else if (aws::says_unchanged(sent.error())) {
    commit(record);
  } else {
    std::string why = without_secrets(record, sent.error().message);
    end_update(record, "CloudFormation refused the update: " + std::move(why), true);
  }
  co_return co_await put_or_reread(std::move(record));
}

async::Task<core::Result<aws::StackInput>> ServiceBroker::update_input(const InstanceRecord& record) {
  const PendingUpdate& update = *record.update;
  aws::StackInput input{.stack_name = record.stack_id,
                        .template_body = {},
                        .template_url = {},
                        .parameters = {},
                        .tags = {},
                        .capabilities = {"CAPABILITY_NAMED_IAM"},
                        .client_request_token = request_token(update.operation, record.id)};
  InstanceRecord wanted = record;
  wanted.template_digest = update.template_digest;
  const auto service = co_await template_in_use(wanted);
  if (!service) co_return fail(service.error());
  const bool same_template = update.template_digest == record.template_digest;
  // With UsePreviousTemplate CloudFormation takes what an earlier transformation made, and sees no change.
  if (!same_template || (*service)->has_transform) {
    auto added = co_await add_template(input, *service);
    if (!added) co_return fail(std::move(added.error()));
  }
  if ((*service)->needs_auto_expand()) input.capabilities.emplace_back("CAPABILITY_AUTO_EXPAND");
  const auto before = sealed_values_.open(object_at(record.stack_input, "parameters"), record.id);
  const auto after = sealed_values_.open(object_at(update.stack_input, "parameters"), record.id);
  if (!before) co_return fail(before.error());
  if (!after) co_return fail(after.error());
  add_parameters(input, *before, *after, **service, same_template);
  const json::object tags = object_at(update.stack_input, "tags");
  for (const auto& entry : tags) input.tags.emplace_back(entry.key(), value_text(entry.value()));
  co_return input;
}

}  // namespace broker
