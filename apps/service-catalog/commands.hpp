// The subcommands of `service-catalog`, one file each. A command adds its options to the program and runs
// when CLI11 has chosen it; it puts its exit code into `exit_code`, which outlives the parsing.
#pragma once

#include <string_view>

#include "core/error.hpp"

namespace CLI {
class App;
}

void add_controller_manager(CLI::App& program, int& exit_code);  // controller_manager.cpp
void add_webhook(CLI::App& program, int& exit_code);             // webhook.cpp
void add_local(CLI::App& program, int& exit_code);               // local.cpp

// Logs it, and returns the exit code of a command that could not start. what: "The webhook cannot start".
[[nodiscard]] int cannot_start(std::string_view what, const core::Error& error);
