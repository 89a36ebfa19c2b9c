// DELETE /v2/service_instances/:id. Also finds and deletes the stack of an instance that has no record (a
// restored or lost table).
#include "broker/ids.hpp"
#include "broker/operations/resource_ids.hpp"
#include "broker/service_broker.hpp"
#include "broker/target_roles.hpp"
#include "core/log.hpp"

namespace broker {

namespace {

using core::ErrorKind;
using core::fail;

osb::DeprovisionResponse in_progress() {
  return {.outcome = osb::Outcome::in_progress, .operation = "deprovision"};
}

}  // namespace

async::Task<core::Result<std::optional<InstanceRecord>>> ServiceBroker::adopt_for_deletion(
    const osb::DeprovisionRequest& request) {
  const auto service = catalog_->find_service(request.service_id);
  if (!service) co_return std::optional<InstanceRecord>();
  InstanceRecord record{.id = request.instance_id,
                        .service_id = request.service_id,
                        .plan_id = request.plan_id,
                        .class_name = service->name,
                        .phase = InstancePhase::deleting,
                        .stack_name = stack_name(service->name, request.instance_id)};
  // A DELETE does not say whose the instance was.
  for (const Placement& place : places_to_search(options_)) {
    record.region = place.region;
    record.role_arn = place.role_arn;
    record.external_id = place.external_id;
    record.access_key_id = place.access_key_id;
    auto stack = co_await find_own_stack(record);
    if (stack) {
      record.stack_id = stack->id;
      co_return std::optional<InstanceRecord>(std::move(record));
    }
    const ErrorKind why = stack.error().kind;
    if (why == ErrorKind::not_found || why == ErrorKind::conflict) continue;
    if (!is_closed(place, stack.error())) co_return fail(std::move(stack.error()));
    core::log::warn("An instance without a record could not be searched for everywhere",
                    {{"instance", record.id}, {"error", stack.error().message}});
  }
  co_return std::optional<InstanceRecord>();
}

async::Task<core::Result<osb::DeprovisionResponse>> ServiceBroker::deprovision(
    const osb::DeprovisionRequest& request, const osb::CallContext&) {
  for (int attempt = 0; attempt < most_decisions; ++attempt) {
    auto record = co_await store_.get_instance(request.instance_id);
    if (!record) co_return fail(std::move(record.error()));
    if (!*record) record = co_await adopt_for_deletion(request);
    if (!record) co_return fail(std::move(record.error()));
    if (*record) {
      if (auto same = check_ids(**record, request.service_id, request.plan_id); !same)
        co_return fail(std::move(same.error()));
    }
    if (!*record) co_return fail(ErrorKind::gone, "There is no instance " + request.instance_id + ".");
    if (!request.accepts_incomplete) {
      co_return fail(ErrorKind::unprocessable,
                     "This service is only deleted asynchronously: send accepts_incomplete=true.",
                     "AsyncRequired");
    }
    if (auto keys = check_keys(place_of(**record)); !keys) co_return fail(std::move(keys.error()));
    if (!(*record)->stack_id.empty()) {
      // Nothing is intended against what is another's. Any other error is met again when the deletion begins.
      const auto stack = co_await stack_now(**record);
      if (!stack && stack.error().kind == ErrorKind::conflict) co_return fail(stack.error());
    }
    InstanceRecord intended = std::move(**record);
    intended.phase = InstancePhase::deleting;
    intended.failure.clear();
    intended.update.reset();
    intended.begun = core::to_rfc3339(clock_.system_now());
    auto written = co_await store_.put_instance(std::move(intended));
    if (!written && written.error().kind == ErrorKind::conflict) continue;
    if (!written) co_return fail(std::move(written.error()));
    auto started = co_await start_deletion(std::move(*written));
    if (!started) co_return fail(std::move(started.error()));
    co_return in_progress();
  }
  co_return fail(ErrorKind::unprocessable, "Another request for this instance is being handled.",
                 "ConcurrencyError");
}

async::Task<core::Result<bool>> ServiceBroker::start_deletion(InstanceRecord record) {
  auto revoked = co_await bindings_.revoke_all(record);
  if (!revoked) co_return fail(std::move(revoked.error()));
  co_return co_await delete_own_stack(std::move(record));
}

async::Task<core::Result<bool>> ServiceBroker::delete_own_stack(InstanceRecord record) {
  const auto stack = co_await stack_now(record);
  const bool is_anothers = !stack && stack.error().kind == ErrorKind::conflict;
  if (is_anothers && record.stack_id.empty()) co_return false;  // it only has the name
  if (!stack) co_return fail(stack.error());
  if (!*stack || (*stack)->status == "DELETE_COMPLETE") co_return false;
  std::string id = (*stack)->id;
  // A new token for each try: CloudFormation takes the same one as a repetition of a deletion that failed.
  std::string token = request_token("delete-" + std::to_string(record.version), record.id);
  auto deleted = co_await cloud_of(record).delete_stack(id, std::move(token));
  if (deleted) co_return true;
  if (!aws::says_busy(deleted.error())) co_return fail(std::move(deleted.error()));
  // An update is under way: it is stopped, and a poll that finds it at rest asks again.
  auto cancelled = co_await cloud_of(record).cancel_update(std::move(id));
  if (!cancelled && cancelled.error().retryable()) co_return fail(std::move(cancelled.error()));
  co_return true;
}

async::Task<core::Result<>> ServiceBroker::forget_instance(InstanceRecord record) {
  recent_progress_.forget(record.id);
  // A bind that crossed the deletion may have been recorded since it began.
  auto revoked = co_await bindings_.revoke_all(record);
  if (!revoked) co_return revoked;
  auto removed = co_await store_.remove_instance(std::move(record));
  if (!removed && removed.error().kind == ErrorKind::conflict)
    co_return core::Result<>();  // another replica was first
  co_return removed;
}

}  // namespace broker
