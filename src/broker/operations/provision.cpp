// PUT /v2/service_instances/:id. Intent (the record) → act (CreateStack under a name and token of the id) →
// outcome (the stack's id).
#include <algorithm>

#include "broker/console_url.hpp"
#include "broker/dynamic_references.hpp"
#include "broker/fingerprint.hpp"
#include "broker/ids.hpp"
#include "broker/operations/ask_again.hpp"
#include "broker/operations/data_loss.hpp"
#include "broker/operations/maintenance.hpp"
#include "broker/operations/stack_state.hpp"
#include "broker/service_broker.hpp"
#include "broker/stack_tags.hpp"
#include "broker/value_text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;

osb::ProvisionResponse in_progress(const InstanceRecord& record) {
  return {.outcome = osb::Outcome::in_progress,
          .dashboard_url = console_url(record.stack_id),
          .operation = "provision",
          .metadata = {}};
}

core::Error as_users_error(core::Error error) {
  error.kind = ErrorKind::invalid;
  return error.with_context("CloudFormation refused the stack");
}

}  // namespace

core::Result<InstanceRecord> ServiceBroker::new_instance(const Selection& selection,
                                                         const osb::ProvisionRequest& request) const {
  const Template& service = *selection.service;
  const Origin origin = origin_of(request.context, request.organization_guid, request.space_guid);
  if (auto allowed = check_choice(options_.role_bindings, request.parameters); !allowed)
    return fail(std::move(allowed.error()));
  if (auto checked = check_no_dynamic_references(request.parameters); !checked)
    return fail(std::move(checked.error()));
  if (auto checked = check_no_dynamic_references(origin); !checked) return fail(std::move(checked.error()));
  auto merged =
      merge_parameters(selection, options_.overrides.matching(origin, service.name), request.parameters);
  if (!merged) return fail(std::move(merged.error()));
  const auto placement =
      place(*merged, options_.role_bindings.find(origin), options_.partition, options_.account_id);
  if (!placement) return fail(placement.error());

  InstanceRecord record{
      .id = request.instance_id,
      .service_id = request.service_id,
      .plan_id = request.plan_id,
      .class_name = service.name,
      .fingerprint = fingerprint_of(request.service_id, request.plan_id, request.parameters),
      .stack_name = stack_name(service.name, request.instance_id),
      .region = placement->region,
      .role_arn = placement->role_arn,
      .external_id = placement->external_id,
      .access_key_id = placement->access_key_id,
      .template_digest = service.digest,
      .origin = instance_origin_of(request.context, request.organization_guid, request.space_guid),
      .plan_ids = {request.plan_id}};
  json::object values;
  for (const auto& [name, value] : merged->template_values) values[name] = value;
  json::object tags;
  for (const auto& [name, value] : merged->tags) tags[name] = value;
  // Ours come last: by them a stack is known to be this instance's.
  tags[broker_tag] = options_.broker_id;
  tags[instance_tag] = request.instance_id;
  tags[cluster_tag] = origin.cluster;
  tags[namespace_tag] = origin.namespace_;
  record.stack_input = json::object{
      {"parameters", sealed_values_.seal(service, std::move(values), record.id)}, {"tags", std::move(tags)}};
  if (const auto* given = request.parameters.if_object())
    record.parameters = sealed_values_.seal(service, *given, record.id);
  return record;
}

bool ServiceBroker::asks_for_the_same(const InstanceRecord& wanted, const InstanceRecord& record) const {
  if (!record.fingerprint.empty()) return record.fingerprint == wanted.fingerprint;
  if (record.service_id != wanted.service_id || record.plan_id != wanted.plan_id) return false;
  // The Go broker kept the defaults with what was given.
  const auto given = sealed_values_.open(wanted.parameters, wanted.id);
  return given && std::ranges::all_of(*given, [&](const auto& entry) {
           return value_text(entry.value()) == core::find_string(record.parameters, {entry.key()});
         });
}

core::Result<osb::ProvisionResponse> ServiceBroker::repeated_provision(const InstanceRecord& record,
                                                                       const InstanceRecord& wanted) const {
  if (!asks_for_the_same(wanted, record)) {
    return fail(ErrorKind::conflict,
                "The instance " + record.id + " exists with another service, plan or other parameters.");
  }
  switch (record.phase) {
    case InstancePhase::creating:
      return in_progress(record);
    case InstancePhase::updating:
      if (record.update->is_adoption)
        return osb::ProvisionResponse{.outcome = osb::Outcome::in_progress,
                                      .dashboard_url = console_url(record.stack_id),
                                      .operation = record.update->operation,
                                      .metadata = {}};
      [[fallthrough]];
    case InstancePhase::ready:
      return osb::ProvisionResponse{.outcome = osb::Outcome::unchanged,
                                    .dashboard_url = console_url(record.stack_id),
                                    .operation = {},
                                    .metadata = {}};
    case InstancePhase::failed:
      return fail(ErrorKind::conflict, "The creation of the instance " + record.id + " has failed (" +
                                           record.failure + "); delete it first.");
    case InstancePhase::deleting:
      break;
  }
  return fail(ErrorKind::unprocessable, "The instance " + record.id + " is being deleted.",
              "ConcurrencyError");
}

async::Task<core::Result<osb::ProvisionResponse>> ServiceBroker::advance_deletion(InstanceRecord record) {
  const std::string id = record.id;
  const auto state = co_await deletion_state(std::move(record));
  if (!state) co_return fail(state.error());
  if (state->state == osb::OperationState::failed)
    co_return fail(ErrorKind::conflict, "The deletion of the instance " + id + " has failed (" +
                                            state->description + "); delete it again.");
  co_return fail(ErrorKind::unprocessable, "The instance " + id + " is being deleted.", "ConcurrencyError");
}

// An instance keeps its template: a repeated request is answered by that one, whatever the catalog offers
// now. Else platforms would take a refusal for the answer to their first request.
async::Task<core::Result<Selection>> ServiceBroker::selection_for(
    const osb::ProvisionRequest& asked, const std::optional<InstanceRecord>& known) {
  if (known && known->service_id == asked.service_id && !known->template_digest.empty()) {
    auto used = co_await template_of(*known);
    if (!used && used.error().retryable()) co_return fail(ask_again(std::move(used.error())));
    if (used) {
      if (auto selection = catalog_->select(std::move(*used), asked.plan_id)) co_return selection;
    }
  }
  co_return catalog_->find(asked.service_id, asked.plan_id);
}

async::Task<core::Result<osb::ProvisionResponse>> ServiceBroker::provision(const osb::ProvisionRequest& asked,
                                                                           const osb::CallContext&) {
  auto known = co_await store_.get_instance(asked.instance_id);
  if (!known) co_return fail(std::move(known.error()));
  const auto selection = co_await selection_for(asked, *known);
  if (!selection) co_return fail(selection.error());
  osb::ProvisionRequest request = asked;
  // Without effect here: platforms send the same parameters for updates.
  if (const auto consent = take_consent(request.parameters, *selection->options); !consent)
    co_return fail(consent.error());
  auto wanted = new_instance(*selection, request);
  if (!wanted) co_return fail(std::move(wanted.error()));
  for (int attempt = 0; attempt < most_decisions; ++attempt) {
    if (attempt > 0) known = co_await store_.get_instance(request.instance_id);
    if (!known)
      co_return fail(ask_again(std::move(known.error())));  // there is one: it was written meanwhile
    if (!*known && !request.accepts_incomplete) {
      co_return fail(ErrorKind::unprocessable,
                     "This service is only created asynchronously: send accepts_incomplete=true.",
                     "AsyncRequired");
    }
    if (*known) {
      const auto claim = co_await claim_of(**known, *wanted->origin, request.context);
      if (!claim) co_return fail(claim.error());
      if (*claim == Claim::adoption) {
        auto settled = co_await advance_operation(**known);
        if (!settled) co_return fail(ask_again(std::move(settled.error())));
        // As it is now, it may be another's.
        if (!*settled || (*settled)->version != (*known)->version) continue;
        co_return co_await adopt(std::move(**known), std::move(*wanted));
      }
      auto answer = repeated_provision(**known, *wanted);
      if (answer && (*known)->phase == InstancePhase::ready) {
        auto noted = co_await complete_origin(**known, *wanted->origin);
        if (!noted) co_return fail(ask_again(std::move(noted.error())));
        const auto still = co_await claim_of(*noted, *wanted->origin, request.context);
        if (!still) co_return fail(still.error());
        if (noted->phase != InstancePhase::ready || *still != Claim::owner) continue;  // written meanwhile
      }
      if ((*known)->phase == InstancePhase::deleting && !answer && answer.error().code == "ConcurrencyError")
        co_return co_await advance_deletion(std::move(**known));
      const bool unfinished = (*known)->phase == InstancePhase::creating && (*known)->stack_id.empty();
      if (!answer || !unfinished) co_return answer;
    }
    InstanceRecord record = *known ? std::move(**known) : *wanted;
    if (!*known) {
      if (auto current = must_be_current(request.maintenance_info, *selection->service); !current)
        co_return fail(std::move(current.error()));
      auto found = co_await provision_found(request, *selection, *wanted);
      if (!found) co_return fail(std::move(found.error()));
      if (*found) co_return std::move(**found);
      auto kept = co_await keep_template(selection->service);
      if (!kept) co_return fail(std::move(kept.error()));
      record.begun = core::to_rfc3339(clock_.system_now());
      record.stack_was_absent = true;
      auto written = co_await store_.put_instance(std::move(record));
      if (!written && written.error().kind == ErrorKind::conflict) continue;
      if (!written) co_return fail(std::move(written.error()));
      record = std::move(*written);
    }
    const bool was_absent = record.stack_was_absent;
    auto made = co_await ensure_stack(std::move(record));
    // Where it is not known who made the stack, a deletion might meet one that was there before.
    if (!made) co_return fail(was_absent ? std::move(made.error()) : ask_again(std::move(made.error())));
    recent_progress_.put(request.instance_id, "The stack is being created");
    co_return in_progress(*made);
  }
  co_return fail(ErrorKind::unprocessable, "Another request for this instance is being handled.",
                 "ConcurrencyError");
}

core::Result<aws::StackInput> ServiceBroker::stack_input(const InstanceRecord& record,
                                                         const Template& service) const {
  aws::StackInput input{.stack_name = record.stack_name,
                        .template_body = {},
                        .template_url = {},
                        .parameters = {},
                        .tags = {},
                        .capabilities = {"CAPABILITY_NAMED_IAM"},
                        .client_request_token = request_token("create", record.id)};
  if (service.needs_auto_expand()) input.capabilities.emplace_back("CAPABILITY_AUTO_EXPAND");
  if (const auto* values = core::find_object(record.stack_input, {"parameters"})) {
    const auto plain = sealed_values_.open(*values, record.id);
    if (!plain) return fail(plain.error());
    for (const auto& entry : *plain) input.parameters.emplace_back(entry.key(), value_text(entry.value()));
  }
  if (const auto* tags = core::find_object(record.stack_input, {"tags"})) {
    for (const auto& entry : *tags)
      input.tags.emplace_back(entry.key(), core::find_string(*tags, {entry.key()}));
  }
  return input;
}

async::Task<core::Result<aws::Stack>> ServiceBroker::find_own_stack(const InstanceRecord& record) {
  auto stack = co_await cloud_of(record).describe_stack(record.stack_name);
  if (!stack) co_return stack;
  if (!is_of_instance(*stack, options_.broker_id, record.id)) {
    co_return fail(ErrorKind::conflict, "A stack named " + record.stack_name +
                                            " exists and was not created for this instance by this broker.");
  }
  co_return stack;
}

async::Task<core::Result<InstanceRecord>> ServiceBroker::settle_crossing(InstanceRecord record,
                                                                         bool is_made) {
  auto known = co_await store_.get_instance(record.id);
  if (!known) co_return fail(std::move(known.error()));
  if (*known && (*known)->phase != InstancePhase::deleting) co_return std::move(**known);
  if (!*known && is_made) {  // its deletion has ended before there was a stack to delete
    auto deleted = co_await delete_own_stack(record);
    if (!deleted) co_return fail(std::move(deleted.error()));
  }
  co_return fail(ErrorKind::unprocessable, "The instance " + record.id + " was deleted in the meantime.",
                 "ConcurrencyError");
}

async::Task<core::Result<InstanceRecord>> ServiceBroker::ensure_stack(InstanceRecord record) {
  const auto service = co_await template_of(record);
  if (!service) co_return fail(service.error());
  auto input = stack_input(record, **service);
  core::Result<std::string> stack_id = fail(ErrorKind::internal, "");
  bool is_made = true;
  if (input) {
    // The bucket's errors say nothing about the stack: an earlier try may have made it.
    auto added = co_await add_template(*input, *service);
    if (!added) co_return fail(std::move(added.error()));
    stack_id = co_await cloud_of(record).create_stack(std::move(*input));
  } else {
    stack_id = fail(std::move(input.error()));
  }
  if (!stack_id && stack_id.error().kind == ErrorKind::already_exists) {
    auto own = co_await find_own_stack(record);
    if (own && own->status == "DELETE_IN_PROGRESS") {
      stack_id = fail(ErrorKind::unavailable, "An earlier stack of this instance is still being deleted.");
    } else if (own) {
      stack_id = own->id;
      is_made = record.stack_was_absent;  // by an earlier try
    } else {
      stack_id = fail(std::move(own.error()));
    }
  }
  if (stack_id) {
    record.stack_id = std::move(*stack_id);
    InstanceRecord intended = record;
    auto written = co_await store_.put_instance(std::move(intended));
    if (!written && written.error().kind == ErrorKind::conflict)
      co_return co_await settle_crossing(std::move(record), is_made);
    co_return written;
  }
  // Nothing was made: withdraw the intent, so that a corrected request finds a clean table. Otherwise the
  // stack may exist (an answer was lost, and the next try was throttled): keep it.
  core::Error error = std::move(stack_id.error());
  error.message = without_secrets(record, std::move(error.message));
  if (is_refusal(error) || error.kind == ErrorKind::conflict) {
    auto removed = co_await store_.remove_instance(std::move(record));
    if (!removed && removed.error().kind != ErrorKind::conflict) co_return fail(std::move(removed.error()));
  }
  if (is_refusal(error)) co_return fail(as_users_error(std::move(error)));
  co_return fail(std::move(error));
}

}  // namespace broker
