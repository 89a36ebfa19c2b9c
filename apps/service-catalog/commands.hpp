// The subcommands of `service-catalog`, one file each. A command adds its options to the program and runs
// when CLI11 has chosen it; it puts its exit code into `exit_code`, which outlives the parsing.
#pragma once

namespace CLI {
class App;
}

void add_controller_manager(CLI::App& program, int& exit_code);  // controller_manager.cpp
void add_webhook(CLI::App& program, int& exit_code);             // webhook.cpp
void add_local(CLI::App& program, int& exit_code);               // local.cpp
