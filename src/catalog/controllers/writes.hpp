// How reconcilers write: status by a merge patch that carries the resourceVersion it was decided on,
// finalizers last. What the API server answers goes into the store at once, so that the next reconcile sees
// it.
#pragma once

#include <functional>

#include "catalog/controllers/context.hpp"

namespace catalog {

using StatusChange =
    std::function<void(json::object& status)>;  // pure; may be applied to a newer status again

enum class OnConflict {
  give_up,  // an intent: whoever changed the object meanwhile may have changed what has to be done
  reapply,  // an outcome: it has happened, so it is written onto the newest object
};

// The object as written; unchanged, without a write, where the change changes nothing. Each changed condition
// becomes an event on the object. Errors: conflict (the object changed meanwhile, or was made anew under its
// name), not_found, and the API's.
[[nodiscard]] async::Task<core::Result<Object>> write_status(Context& context, runtime::Informer& informer,
                                                             Object object, StatusChange change,
                                                             OnConflict on_conflict);

// Before something is removed by a call that no write of this reconcile goes before: the object is still as
// the store has it. Else the store takes over what the API server has. Errors: conflict (it was changed, was
// made anew under its name, or is gone), and the API's.
[[nodiscard]] async::Task<core::Result<>> confirm(Context& context, runtime::Informer& informer,
                                                  Object object);

// Without the condition Paused: it goes on.
[[nodiscard]] async::Task<core::Result<Object>> resumed(Context& context, runtime::Informer& informer,
                                                        Object object);

// What admission fills in, where the object lacks it: it came past admission (the webhook was down). The
// finalizer of an object that is not being deleted; an external id, the one that status knows or a new one.
// Unchanged, without a write, where nothing is missing. Errors: conflict, and the API's.
[[nodiscard]] async::Task<core::Result<Object>> completed(Context& context, runtime::Informer& informer,
                                                          Object object);

// Lets a deleted object go, as far as it is up to us. Its status says by then that nothing is left at the
// broker: else admission keeps the finalizer.
[[nodiscard]] async::Task<core::Result<>> release(Context& context, runtime::Informer& informer,
                                                  Object object);

}  // namespace catalog
