// What each action takes, after the services' own models: which members there are, and which it needs.
#pragma once

#include <string>
#include <string_view>

#include "simulation/aws/wire.hpp"

namespace simulation {

// What is wrong with a call's members; "" where nothing is. An action that is not known here is wrong.
[[nodiscard]] std::string problem_of(const Call& call);

// Whether an action changes something.
[[nodiscard]] bool is_mutating(std::string_view service, std::string_view action);

}  // namespace simulation
