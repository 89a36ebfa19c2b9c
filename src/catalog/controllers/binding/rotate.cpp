// New credentials under a new id, the Secret switched to them in one write, the old id left to be revoked
// after the overlap.
#include "catalog/api/annotations.hpp"
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/binding/reconciler.hpp"
#include "catalog/controllers/writes.hpp"
#include "catalog/policies/rotation.hpp"
#include "core/uuid.hpp"

namespace catalog {

using runtime::Next;

namespace {

constexpr Verdict again{.retry = true, .mitigate_orphan = false};
constexpr Verdict orphaned{.retry = true, .mitigate_orphan = true};

}  // namespace

async::Task<core::Result<Next>> BindingReconciler::rotate(Object binding) {
  BindingView view(*binding);
  Object instance = instance_of(view);
  std::optional<rotation::OtherId> next = rotation::next_id(view);
  if (next) {
    // Announced before, it may have failed since, and its id may be one that is to be revoked.
    core::Result<> confirmed = co_await confirm(context_, informer(), binding);
    if (!confirmed) co_return core::fail(confirmed.error());
  }
  if (instance && next && next->is_asynchronous)
    co_return co_await poll_rotation(std::move(binding), std::move(instance));
  // The credentials are good still: a rotation waits for its instance without a word, and a change of it is
  // announced.
  if (refuse_instance(instance, view)) co_return Next::done();
  if (!next) {
    core::SystemTime at = now();
    std::string id = core::Uuid::random().to_string();
    StatusChange intent = [&](json::object& status) { rotation::started(status, id, at); };
    core::Result<Object> written = co_await write(binding, std::move(intent), OnConflict::give_up);
    if (!written) co_return core::fail(written.error());
    binding = std::move(*written);
  }
  co_return co_await send_rotation(std::move(binding), std::move(instance));
}

async::Task<core::Result<Next>> BindingReconciler::send_rotation(Object binding, Object instance) {
  BindingView view(*binding);
  auto prepared = co_await prepare_bind(binding, std::move(instance));
  if (!prepared) co_return core::fail(prepared.error());
  if (!*prepared) {
    std::string why = (*prepared).error().message;
    co_return co_await fail_rotation(std::move(binding), std::move(why), again, {});
  }
  BindCall call = std::move(**prepared);
  call.request.binding_id = rotation::next_id(view)->id;
  if (call.rotatable && !rotation::has_expired(view, now())) {
    call.request.predecessor_binding_id = view.binding_id();
    call.request.parameters = nullptr;  // the predecessor's
  }
  bool retrievable = call.request.accepts_incomplete;
  auto identity = identity_of(view);
  core::Result<osb::BindResponse> response =
      co_await call.session->bind(std::move(call.request), std::move(identity));
  if (!response) {
    co_return co_await fail_rotation(std::move(binding), describe(response.error()),
                                     judge(BrokerCall::bind, response.error()), response.error().retry_after);
  }
  if (response->outcome == osb::Outcome::in_progress) {
    if (!retrievable) {
      co_return co_await fail_rotation(std::move(binding),
                                       "the broker binds asynchronously, but its bindings cannot be fetched",
                                       orphaned, {});
    }
    kube::ObjectKey key = view.key();
    StatusChange change = [&](json::object& status) {
      rotation::next_is_asynchronous(status, response->operation);
    };
    core::Result<Object> written = co_await write(binding, std::move(change));
    if (!written) co_return core::fail(written.error());
    co_return Next::after(polls_.next(key, std::nullopt, response->retry_after));
  }
  Obtained obtained = obtained_from(std::move(response->credentials), std::move(response->metadata));
  co_return co_await switch_credentials(std::move(binding), std::move(obtained));
}

async::Task<core::Result<Next>> BindingReconciler::poll_rotation(Object binding, Object instance) {
  BindingView view(*binding);
  kube::ObjectKey key = view.key();
  rotation::OtherId next = *rotation::next_id(view);
  auto target = co_await locate(context_, instance);
  if (!target) {
    std::string why = target.error().message;
    co_return co_await fail_rotation(std::move(binding), std::move(why), again, {});
  }
  core::Result<osb::LastOperationResponse> answer =
      co_await ask_last_operation(binding, instance, *target, next.id, next.operation);
  if (answer && answer->state == osb::OperationState::failed) {
    co_return co_await fail_rotation(std::move(binding), answer->description, orphaned, {});
  }
  std::optional<std::chrono::seconds> retry_after = answer ? answer->retry_after : answer.error().retry_after;
  if (answer && answer->state == osb::OperationState::succeeded) {
    core::Result<Obtained> obtained = co_await fetch(binding, instance, std::move(*target), next.id);
    if (obtained) co_return co_await switch_credentials(std::move(binding), std::move(*obtained));
    retry_after = obtained.error().retry_after.value_or(std::chrono::seconds(1));
  }
  std::chrono::milliseconds limit = polling_limit(context_, InstanceView(*instance));
  if (next.time && now() - *next.time >= limit) {
    std::string why = "the broker did not finish it within " + core::to_duration_text(limit);
    co_return co_await fail_rotation(std::move(binding), std::move(why), orphaned, {});
  }
  co_return Next::after(polls_.next(key, next.time, retry_after));
}

async::Task<core::Result<Next>> BindingReconciler::switch_credentials(Object binding, Obtained obtained) {
  BindingView view(*binding);
  core::SystemTime at = now();
  polls_.forget(view.key());
  core::Result<std::string> version = co_await write_credentials(binding, std::move(obtained.credentials));
  if (!version) {
    std::string why = version.error().message;
    co_return co_await fail_rotation(std::move(binding), std::move(why), again, {});
  }
  std::string old_id(view.binding_id()), new_id(rotation::next_id(view)->id);
  std::chrono::milliseconds overlap = view.rotation_overlap().value_or(rotation::default_overlap);
  std::string request(annotation(*binding, annotations::rotate));
  StatusChange change = [&](json::object& status) {
    rotation::switched(status, old_id, new_id, overlap, at);
    rotation::made(status, request, obtained.metadata, at);
    binding_status::bound(status, view, *version, at);
  };
  core::Result<Object> written = co_await write(binding, std::move(change));
  if (!written) co_return core::fail(written.error());
  context_.events.record(
      **written, runtime::EventType::normal, reasons::rotated_credentials,
      "The Secret has new credentials; the old ones will be revoked at " + core::to_rfc3339(at + overlap));
  co_return Next::after(std::chrono::milliseconds(0));
}

async::Task<core::Result<Next>> BindingReconciler::fail_rotation(
    Object binding, std::string why, Verdict verdict, std::optional<std::chrono::seconds> retry_after) {
  core::SystemTime at = now();
  polls_.forget(kube::key_of(*binding));
  std::string message =
      "The credentials could not be rotated and will be tried again; those in the Secret stay: " + why;
  StatusChange change = [&](json::object& status) {
    rotation::failed(status, message, verdict, retry_after, at);
  };
  core::Result<Object> written = co_await write(binding, std::move(change));
  if (!written) co_return core::fail(written.error());
  context_.events.record(**written, runtime::EventType::warning, reasons::rotation_failed, message);
  co_return Next::after(std::chrono::milliseconds(0));
}

}  // namespace catalog
