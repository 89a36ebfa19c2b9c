// Admission of the catalog's kinds: defaults, then checks. Gathers what a request needs to know from the
// Lookup, then a pure function per kind decides (instances.hpp, bindings.hpp, brokers.hpp,
// classes_and_plans.hpp).
//
// Executor: the loop's thread. Idempotent: admitting an admitted object changes nothing. Requests for other
// groups and for status pass unchanged; a removal is admitted or not.
#pragma once

#include "async/task.hpp"
#include "catalog/admission/lookup.hpp"
#include "catalog/admission/request.hpp"
#include "core/error.hpp"

namespace catalog::admission {

// The object as it shall be stored, or why it is refused: forbidden (403: not now, or not by this user) or
// invalid (422), with a message for the user that names the field and says what to do.
[[nodiscard]] async::Task<core::Result<json::object>> admit(Request request, Lookup& lookup);

// Whether admission has anything to say about a request for this resource.
[[nodiscard]] bool concerns(const kube::Resource& resource, std::string_view subresource);

}  // namespace catalog::admission
