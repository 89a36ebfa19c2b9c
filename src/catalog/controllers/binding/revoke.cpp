// Ends one id at the broker that is not, or no longer, that of the Secret: after the overlap of a rotation,
// after a rotation that failed, and with the binding.
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/binding/reconciler.hpp"
#include "catalog/policies/rotation.hpp"

namespace catalog {

using runtime::Next;

async::Task<core::Result<Next>> BindingReconciler::revoke(Object binding) {
  BindingView view(*binding);
  kube::ObjectKey key = view.key();
  rotation::OtherId old = *rotation::first_to_revoke(view);
  core::Result<Object> known = co_await instance_or_gone(binding);
  if (!known) co_return core::fail(known.error());
  Object instance = std::move(*known);
  if (!instance) co_return co_await finish_revocation(std::move(binding), std::move(old.id));  // it goes last
  auto target = co_await locate(context_, instance);
  if (!target) {
    core::Error error{.kind = core::ErrorKind::unavailable, .message = target.error().message};
    co_return co_await fail_revocation(std::move(binding), std::move(error));
  }
  if (old.is_asynchronous) {
    co_return co_await poll_revocation(std::move(binding), std::move(instance), std::move(*target));
  }
  auto response = co_await send_unbind(binding, std::move(instance), std::move(*target), old.id);
  if (!response) co_return co_await fail_revocation(std::move(binding), response.error());
  if (response->outcome != osb::Outcome::in_progress)
    co_return co_await finish_revocation(std::move(binding), std::move(old.id));
  StatusChange change = [&](json::object& status) {
    rotation::revocation_is_asynchronous(status, old.id, response->operation);
  };
  core::Result<Object> written = co_await write(binding, std::move(change));
  if (!written) co_return core::fail(written.error());
  co_return Next::after(polls_.next(key, std::nullopt, response->retry_after));
}

async::Task<core::Result<Next>> BindingReconciler::poll_revocation(Object binding, Object instance,
                                                                   BrokerTarget target) {
  BindingView view(*binding);
  rotation::OtherId old = *rotation::first_to_revoke(view);
  auto answer =
      co_await ask_last_operation(binding, std::move(instance), std::move(target), old.id, old.operation);
  bool done =
      answer ? answer->state == osb::OperationState::succeeded : answer.error().kind == core::ErrorKind::gone;
  if (done) co_return co_await finish_revocation(std::move(binding), std::move(old.id));
  if (answer && answer->state == osb::OperationState::failed) {
    core::Error error{.kind = core::ErrorKind::unavailable, .message = answer->description};
    co_return co_await fail_revocation(std::move(binding), std::move(error));
  }
  auto retry_after = answer ? answer->retry_after : answer.error().retry_after;
  co_return Next::after(polls_.next(view.key(), std::nullopt, retry_after));
}

async::Task<core::Result<Next>> BindingReconciler::finish_revocation(Object binding, std::string id) {
  polls_.forget(kube::key_of(*binding));
  StatusChange change = [&](json::object& status) { rotation::revoked(status, id); };
  core::Result<Object> written = co_await write(binding, std::move(change));
  if (!written) co_return core::fail(written.error());
  context_.events.record(**written, runtime::EventType::normal, reasons::revoked_credentials,
                         "The credentials with the binding id " + id + " were revoked");
  co_return Next::after(std::chrono::milliseconds(0));
}

// With the binding it is the unbinding that has failed; else only what is left of the old credentials waits.
async::Task<core::Result<Next>> BindingReconciler::fail_revocation(Object binding, core::Error error) {
  BindingView view(*binding);
  core::SystemTime at = now();
  polls_.forget(view.key());
  std::string id = rotation::first_to_revoke(view)->id;
  std::string message = "Old credentials could not be revoked and will be tried again: " + describe(error);
  StatusChange change = [&](json::object& status) {
    rotation::revocation_failed(status, id, message, error.retry_after, at);
  };
  core::Result<Object> written = co_await write(binding, std::move(change));
  if (!written) co_return core::fail(written.error());
  if (view.deleting()) {
    binding_status::Failure failure = failure_of(BindingView(**written), BrokerCall::unbind, error);
    co_return co_await fail(std::move(*written), std::move(failure));
  }
  context_.events.record(**written, runtime::EventType::warning, reasons::rotation_failed, message);
  co_return Next::after(std::chrono::milliseconds(0));
}

}  // namespace catalog
