// Names of processes in the network.
#pragma once

namespace simulation {

inline constexpr const char* aws_name = "aws";

}  // namespace simulation
