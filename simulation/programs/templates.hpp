// The templates of the simulated brokers (simulation/templates), inside the program.
#pragma once

#include <span>

#include "broker/template_set.hpp"

namespace simulation {

[[nodiscard]] std::span<const broker::NamedText> simulated_templates();

}  // namespace simulation
