// service-catalog: Kubernetes Service Catalog as one program with a subcommand for each part.
#include <CLI/CLI.hpp>

#include "cli/completion.hpp"
#include "cli/version.hpp"
#include "commands.hpp"
#include "core/log.hpp"

int cannot_start(std::string_view what, const core::Error& error) {
  core::log::error(what, {{"error", error.message}});
  return 2;
}

int main(int argc, char** argv) {
  CLI::App program("Kubernetes Service Catalog: provisions and binds the services of Open Service Brokers.",
                   "service-catalog");
  program.set_version_flag("--version", cli::version_line("service-catalog"));
  program.require_subcommand(1);
  int exit_code = 0;
  add_controller_manager(program, exit_code);
  add_webhook(program, exit_code);
  add_local(program, exit_code);
  cli::add_completion(program);
  CLI11_PARSE(program, argc, argv);
  return exit_code;
}
