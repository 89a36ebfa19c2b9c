// An external id that a user names: whose it is already, and whether what it names may be taken over from
// another namespace. Ids that admission makes itself are nobody's yet.
#pragma once

#include "catalog/admission/facts.hpp"
#include "catalog/admission/lookup.hpp"

namespace catalog::admission {

// Of a request to create an instance or a binding that names its id: the object that holds it already, or
// nullopt. Errors: those of the API.
[[nodiscard]] async::Task<core::Result<std::optional<IdHolder>>> holder_of_id(const Request& request,
                                                                              Lookup& lookup);

// Of a request that sets or changes the annotation adopt-from: whether its user may. Errors: invalid,
// forbidden, and those of the API: without an answer nobody may.
[[nodiscard]] async::Task<core::Result<>> check_adoption(const Request& request, Lookup& lookup);

}  // namespace catalog::admission
