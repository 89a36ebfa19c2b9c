// Removes the Secret and the credentials: for a binding that is being deleted, and after a bind that failed
// in a way that may have left credentials at the broker.
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/binding/reconciler.hpp"
#include "catalog/policies/rotation.hpp"

namespace catalog {

using binding_status::Operation;
using runtime::Next;

namespace {

json::object known_properties(const BindingView& binding) {
  for (std::string_view field : {"inProgressProperties", "externalProperties"}) {
    if (const json::object* properties = core::find_object(binding.status(), {field})) return *properties;
  }
  return {};
}

}  // namespace

async::Task<core::Result<Next>> BindingReconciler::unbind(Object binding) {
  BindingView view(*binding);
  core::Result<> ejected = co_await eject(binding);
  if (!ejected) co_return co_await block(std::move(binding), not_ejected(ejected.error()));
  // Without its instance there is nothing left at the broker to revoke: an instance goes only after its
  // bindings.
  core::Result<Object> known = co_await instance_or_gone(binding);
  if (!known) co_return core::fail(known.error());
  Object instance = std::move(*known);
  if (!instance) co_return co_await finish_unbind(std::move(binding), {});
  if (InstanceView(*instance).async_op_in_progress()) {
    co_return co_await block(
        std::move(binding),
        Problem(reasons::error_async_operation_in_progress,
                "The ServiceInstance \"" + std::string(view.instance_name()) +
                    "\" has an operation in progress; the binding will be deleted after it."));
  }
  auto target = co_await locate(context_, instance);
  if (!target) co_return co_await block(std::move(binding), target.error());

  if (view.deleting() && view.current_operation() != "Unbind") {
    core::SystemTime at = now();
    StatusChange intent = [&](json::object& status) {
      binding_status::complete(status);
      binding_status::started(status, Operation::unbind, known_properties(view), at);
      rotation::given_up(status, at);
    };
    core::Result<Object> written = co_await write(binding, std::move(intent), OnConflict::give_up);
    if (!written) co_return core::fail(written.error());
    binding = std::move(*written);
  } else {
    core::Result<> confirmed = co_await confirm(context_, informer(), binding);
    if (!confirmed) co_return core::fail(confirmed.error());
  }
  if (BindingView(*binding).deleting() && rotation::first_to_revoke(BindingView(*binding)))
    co_return co_await revoke(std::move(binding));
  std::string id(BindingView(*binding).binding_id());
  core::Result<osb::UnbindResponse> response =
      co_await send_unbind(binding, std::move(instance), std::move(*target), std::move(id));
  if (!response) {
    binding_status::Failure failure = failure_of(BindingView(*binding), BrokerCall::unbind, response.error());
    co_return co_await fail(std::move(binding), std::move(failure));
  }
  if (response->outcome == osb::Outcome::in_progress) {
    co_return co_await start_polling(std::move(binding), Operation::unbind, response->operation,
                                     response->retry_after);
  }
  co_return co_await finish_unbind(std::move(binding), {});
}

async::Task<core::Result<Next>> BindingReconciler::finish_unbind(Object binding, std::string description) {
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) { binding_status::unbound(status, description, at); };
  core::Result<Object> written = co_await write(binding, std::move(change));
  if (!written) co_return core::fail(written.error());
  if (!BindingView(**written).deleting()) co_return after_retry_wait(written);
  binding = std::move(*written);
  core::Result<> released = co_await release(context_, informer(), std::move(binding));
  if (!released) co_return core::fail(released.error());
  co_return Next::done();
}

}  // namespace catalog
