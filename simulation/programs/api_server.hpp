// The embedded control plane with the catalog's admission, as a process that is reached by its name.
#pragma once

#include "simulation/kernel/simulator.hpp"

namespace simulation {

[[nodiscard]] MakeProgram api_server(Simulator& simulator);

}  // namespace simulation
