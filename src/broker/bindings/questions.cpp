// GET /v2/service_instances/:id/service_bindings/:id and …/last_operation.
#include "broker/bindings/binding_operations.hpp"
#include "broker/bindings/lifetime.hpp"

namespace broker {

namespace {

using core::ErrorKind;
using core::fail;
using osb::LastOperationResponse;
using osb::OperationState;

// A function runs for 15 minutes at most: who began so long ago has died, perhaps in another replica.
constexpr std::chrono::minutes longest_work{20};

bool has_stopped(const BindingRecord& binding, core::SystemTime now) {
  const auto begun = core::parse_rfc3339(binding.begun);
  return !begun || now - *begun > longest_work;
}

}  // namespace

async::Task<core::Result<osb::FetchBindingResponse>> BindingOperations::fetch(
    const osb::FetchBindingRequest& request) {
  auto binding = co_await store_.get_binding(request.binding_id);
  if (!binding) co_return fail(std::move(binding.error()));
  auto instance = co_await store_.get_instance(request.instance_id);
  if (!instance) co_return fail(std::move(instance.error()));
  const bool is_there = *binding && *instance && (*binding)->phase == BindingPhase::ready &&
                        (*binding)->instance_id == request.instance_id;
  if (!is_there)
    co_return fail(ErrorKind::not_found,
                   "There is no binding " + request.binding_id + ", or it is not ready.");
  if (is_expired(**binding, clock_.system_now()))
    co_return fail(ErrorKind::not_found, "The binding " + request.binding_id + " has expired.");
  auto credentials = co_await make(**instance, **binding);
  if (!credentials) co_return fail(std::move(credentials.error()));
  co_return osb::FetchBindingResponse{.credentials = std::move(*credentials),
                                      .parameters = (*binding)->parameters,
                                      .metadata = lifetime_metadata(**binding),
                                      .endpoints = {},
                                      .volume_mounts = {},
                                      .syslog_drain_url = {},
                                      .route_service_url = {}};
}

async::Task<core::Result<LastOperationResponse>> BindingOperations::last_operation(
    const osb::LastOperationRequest& request) {
  auto found = co_await store_.get_binding(request.binding_id);
  if (!found) co_return fail(std::move(found.error()));
  if (!*found || (*found)->instance_id != request.instance_id) {
    // Only the end of an unbind removes a record.
    const ErrorKind kind = request.operation == "unbind" ? ErrorKind::gone : ErrorKind::not_found;
    co_return fail(kind, "There is no binding " + request.binding_id + " of this instance.");
  }
  BindingRecord binding = std::move(**found);
  if (!binding.failure.empty())
    co_return LastOperationResponse{.state = OperationState::failed, .description = binding.failure};
  const bool is_deleted = binding.phase == BindingPhase::deleting;
  if (binding.phase != BindingPhase::creating && !is_deleted)
    co_return LastOperationResponse{.state = OperationState::succeeded};
  if (!in_hand(binding) && has_stopped(binding, clock_.system_now())) {
    auto owner = co_await owner_of(binding);
    if (!owner) co_return fail(std::move(owner.error()));
    go_on(std::move(*owner), std::move(binding));
  }
  co_return LastOperationResponse{
      .state = OperationState::in_progress,
      .description = is_deleted ? "The binding is being removed" : "The credentials are being created"};
}

}  // namespace broker
