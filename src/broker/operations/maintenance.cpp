#include "broker/operations/maintenance.hpp"

namespace broker {

core::Result<> must_be_current(const boost::json::value& maintenance_info, const Template& service) {
  if (!maintenance_info.is_object()) return {};
  const std::string_view version = core::find_string(maintenance_info, {"version"});
  if (version == service.maintenance_version) return {};
  return core::fail(core::ErrorKind::unprocessable,
                    "The catalog has version " + service.maintenance_version + " of the service " +
                        service.name + ", and not \"" + std::string(version) + "\".",
                    "MaintenanceInfoConflict");
}

}  // namespace broker
