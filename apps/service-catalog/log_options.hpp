// The flags of the log, which every subcommand has.
#pragma once

#include <string>

#include <CLI/App.hpp>

struct LogOptions {
  std::string format = "text", level = "info";
};

void add_log_options(CLI::App& command, LogOptions& options);
// Before the first line is written.
void configure_log(const LogOptions& options);
