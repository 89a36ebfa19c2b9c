#include "log_options.hpp"

#include <CLI/CLI.hpp>

#include "core/log.hpp"

void add_log_options(CLI::App& command, LogOptions& options) {
  command.add_option("--log-format", options.format, "Format of log lines: text or json")
      ->envname("LOG_FORMAT")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command.add_option("--log-level", options.level, "Lowest level to log: debug, info, warn or error")
      ->envname("LOG_LEVEL")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
}

void configure_log(const LogOptions& options) {
  core::log::configure(options.format, options.level);
}
