// Deletions that leave the credentials at the broker as they are: a user gave them up, or wants to keep them.
// And bindings that are paused.
#include "catalog/api/reasons.hpp"
#include "catalog/controllers/binding/reconciler.hpp"
#include "catalog/policies/operation_status.hpp"
#include "catalog/policies/rotation.hpp"

namespace catalog {

using runtime::Next;

async::Task<core::Result<Next>> BindingReconciler::leave(Object binding, BindingPhase how) {
  core::Result<> ejected = co_await eject(binding);
  if (!ejected) co_return co_await block(std::move(binding), not_ejected(ejected.error()));
  BindingView view(*binding);
  std::string told = "the credentials of binding " + rotation::all_ids(view) + " of the ServiceInstance \"" +
                     std::string(view.instance_name()) + "\"";
  if (how == BindingPhase::abandon) {
    context_.events.record(*binding, runtime::EventType::warning, reasons::abandoned,
                           "The broker may still have " + told + ": they were given up without another call");
  } else {
    context_.events.record(*binding, runtime::EventType::normal, reasons::retained,
                           "The broker keeps " + told + ", which go on working");
  }
  core::Result<> released = co_await release(context_, informer(), std::move(binding));
  if (!released) co_return core::fail(released.error());
  co_return Next::done();
}

async::Task<core::Result<Next>> BindingReconciler::pause(Object binding) {
  BindingView view(*binding);
  core::SystemTime at = now();
  StatusChange change = [&](json::object& status) {
    binding_status::complete(status);
    pause_operation(status, view.deleting(), at);
  };
  core::Result<Object> written = co_await write(binding, std::move(change), OnConflict::give_up);
  if (!written) co_return core::fail(written.error());
  co_return Next::done();
}

}  // namespace catalog
