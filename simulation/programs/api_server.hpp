// The embedded control plane with the catalog's admission, as a process that is reached as "api".
#pragma once

#include <string>

#include "simulation/kernel/simulator.hpp"

namespace simulation {

inline constexpr const char* api_name = "api";

[[nodiscard]] MakeProgram api_server(Simulator& simulator);

}  // namespace simulation
