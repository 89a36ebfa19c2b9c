// Whose an instance is, and how it gets another owner: a provision from another namespace that says, in
// context.adopted_from, which one the instance is of now. Who may send that the platform decides.
#include "broker/operations/ask_again.hpp"
#include "broker/operations/data_loss.hpp"
#include "broker/service_broker.hpp"
#include "broker/stack_tags.hpp"
#include "core/log.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;

std::unexpected<core::Error> busy(const std::string& instance_id) {
  return fail(ErrorKind::unprocessable,
              "Another operation on the instance " + instance_id + " is in progress.", "ConcurrencyError");
}

// CloudFormation gives the stack's tags to all resources, and there are some that it replaces for that.
core::Result<> check_tags_keep_data(const Selection& selection, core::Result<json::object> given,
                                    core::Result<json::object> sent, const json::object& before,
                                    const json::object& after, const aws::Stack& stack) {
  if (!given) return fail(std::move(given.error()));
  if (!sent) return fail(std::move(sent.error()));
  const InstanceValues recorded{.given = std::move(*given), .sent = std::move(*sent), .tags = before};
  InstanceValues wanted = recorded;
  wanted.tags = after;
  return check_keeps_data(recorded, wanted, {.now = selection, .wanted = selection}, stack);
}

}  // namespace

async::Task<core::Result<KnownOrigin>> ServiceBroker::origin_of_instance(const InstanceRecord& record) {
  if (record.origin) co_return KnownOrigin{.origin = *record.origin, .is_told = true};
  if (const auto* tags = core::find_object(record.stack_input, {"tags"}); tags != nullptr && !tags->empty())
    co_return known_origin_of(*tags);
  if (record.stack_id.empty()) co_return KnownOrigin{.origin = {}, .is_told = false};
  const auto stack = co_await stack_now(record);
  if (!stack) co_return fail(stack.error());
  co_return known_origin_of(*stack ? (*stack)->tags : aws::NameValues());
}

async::Task<core::Result<>> ServiceBroker::check_origin_of(const InstanceRecord& record,
                                                           const InstanceOrigin& asked) {
  const auto known = co_await origin_of_instance(record);
  if (!known) co_return fail(known.error());
  co_return check_origin(record.id, known->origin, asked);
}

async::Task<core::Result<InstanceRecord>> ServiceBroker::complete_origin(InstanceRecord record,
                                                                         InstanceOrigin asked) {
  const auto known = co_await origin_of_instance(record);
  if (!known) co_return fail(known.error());
  InstanceOrigin whole = completed(known->origin, asked);
  if (record.origin == whole) co_return record;
  record.origin = std::move(whole);
  co_return co_await put_or_reread(std::move(record));
}

async::Task<core::Result<ServiceBroker::Claim>> ServiceBroker::claim_of(const InstanceRecord& record,
                                                                        const InstanceOrigin& asked,
                                                                        const json::value& context) {
  const auto from = adopted_from(context);
  if (!from) co_return fail(from.error());
  const auto known = co_await origin_of_instance(record);
  if (!known) co_return fail(ask_again(known.error()));
  const std::string other = other_attribute_of_put(*known, asked);
  if (other.empty()) co_return Claim::owner;
  if (*from && is_adopted_from(known->origin, **from)) co_return Claim::adoption;
  co_return fail(ErrorKind::conflict, "The instance " + record.id + " exists, and belongs to another " +
                                          other + ". This does not change until the instance is adopted.");
}

async::Task<core::Result<osb::ProvisionResponse>> ServiceBroker::adopt(InstanceRecord record,
                                                                       InstanceRecord wanted) {
  auto as_it_is = repeated_provision(record, wanted);
  if (!as_it_is) co_return as_it_is;
  if (record.phase != InstancePhase::ready) co_return busy(record.id);
  json::object tags;
  if (const auto* known = core::find_object(record.stack_input, {"tags"})) tags = *known;
  if (tags.empty()) {  // the Go broker did not record them, and CloudFormation sets all or none
    const auto stack = co_await stack_now(record);
    if (!stack) co_return fail(ask_again(stack.error()));
    if (!*stack)
      co_return fail(ErrorKind::conflict, "The stack " + record.stack_name + " was deleted by someone else.");
    for (const auto& [key, value] : (*stack)->tags) {
      if (!key.starts_with("aws:")) tags[key] = value;
    }
  }
  const json::object before = tags;
  for (const char* name : {cluster_tag, namespace_tag})
    tags[name] = core::find_string(wanted.stack_input, {"tags", name});
  record.origin = wanted.origin;
  bool tags_follow = tags != before;
  std::string last_updated;
  if (tags_follow) {
    const auto stack = co_await stack_now(record);
    if (!stack) co_return fail(ask_again(stack.error()));
    if (*stack) last_updated = (*stack)->last_updated;
    const auto service = co_await template_in_use(record);
    if (!service && service.error().retryable()) co_return fail(ask_again(service.error()));
    const json::object* known = core::find_object(record.stack_input, {"parameters"});
    core::Result<> kept;
    if (!service) {
      kept = fail(service.error());
    } else if (const auto selection = catalog_->select(*service, record.plan_id); !selection) {
      kept = fail(selection.error());
    } else if (*stack) {
      kept = check_tags_keep_data(*selection, sealed_values_.open(record.parameters, record.id),
                                  sealed_values_.open(known != nullptr ? *known : json::object(), record.id),
                                  before, tags, **stack);
    }
    if (!kept) {
      tags_follow = false;
      core::log::warn(
          "An instance was adopted without new tags for its stack: they could cause the loss of its data",
          {{"instance", record.id}, {"error", kept.error().message}});
    }
  }
  if (tags_follow) {
    PendingUpdate update{.operation = "update-" + std::to_string(++record.updates),
                         .fingerprint = record.fingerprint,
                         .plan_id = record.plan_id,
                         .template_digest = record.template_digest,
                         .parameters = record.parameters,
                         .stack_input = record.stack_input,
                         .last_updated = std::move(last_updated),
                         .is_adoption = true};
    update.stack_input["tags"] = std::move(tags);
    record.update = std::move(update);
    record.phase = InstancePhase::updating;
    record.begun = core::to_rfc3339(clock_.system_now());
  }
  auto written = co_await store_.put_instance(std::move(record));
  if (!written && written.error().kind == ErrorKind::conflict) co_return busy(wanted.id);
  if (!written) co_return fail(ask_again(std::move(written.error())));
  core::log::info("An instance was adopted", {{"instance", written->id},
                                              {"cluster", written->origin->cluster},
                                              {"namespace", written->origin->name_space}});
  if (!written->update) co_return as_it_is;
  as_it_is->outcome = osb::Outcome::in_progress;
  as_it_is->operation = written->update->operation;
  // The intent is recorded: polls go on with it.
  const auto begun = co_await advance_update(std::move(*written), UpdateTry::first);
  if (!begun)
    core::log::warn("The tags of the stack of an adopted instance could not be changed yet",
                    {{"instance", wanted.id}, {"error", begun.error().message}});
  co_return as_it_is;
}

}  // namespace broker
