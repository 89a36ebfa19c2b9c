// The checksum in status that tells whether parameters have changed. Pure.
#pragma once

#include <string>

#include "core/json.hpp"

namespace catalog {

namespace json = boost::json;

// SHA-256 of the parameters as Go's encoding/json writes a map of them: sorted names, numbers as doubles, <,
// > and & escaped. So did service-catalog v0.3.1, and an instance that it made must not look changed.
[[nodiscard]] std::string parameter_checksum(const json::object& parameters);

}  // namespace catalog
