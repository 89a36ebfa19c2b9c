// The controller manager: elected, fenced, talking to the API server and to brokers over the network.
#pragma once

#include "simulation/kernel/simulator.hpp"

namespace simulation {

// `api`: the process of its API server.
[[nodiscard]] MakeProgram controller_manager(Simulator& simulator, const std::string& api);

}  // namespace simulation
