// The flags of the controllers, the same for `controller-manager` and `local`.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "catalog/controllers/controllers.hpp"

// --broker-relist-interval → BROKER_RELIST_INTERVAL
[[nodiscard]] std::string environment_name(std::string_view flag);

// A flag with a Go duration: "24h", "15m0s".
void add_duration(CLI::App& command, const std::string& name, std::chrono::milliseconds& value,
                  const std::string& help);

void add_controller_flags(CLI::App& command, catalog::ControllerOptions& options);
