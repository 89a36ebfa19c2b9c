// The version of its template that a request asks for.
#pragma once

#include "broker/template.hpp"

namespace broker {

// Only the version counts (OSB, "Maintenance Info"). Error: unprocessable, MaintenanceInfoConflict, where
// another one is asked for than the catalog's.
[[nodiscard]] core::Result<> must_be_current(const boost::json::value& maintenance_info,
                                             const Template& service);

}  // namespace broker
