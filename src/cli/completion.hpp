// Completion scripts for shells, made of a program's own commands and flags, so that they cannot differ from
// what the program accepts. A script is self-contained: it does not start the program.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace cli {

enum class Shell { bash, zsh, fish };

// The script for `program`, which is named as users call it.
[[nodiscard]] std::string completion_script(const CLI::App& program, Shell shell);

// Adds the command `completion bash|zsh|fish`, which prints the script to standard output. It ends the
// parsing with CLI::Success, as --help does, so that nothing else of the program runs.
void add_completion(CLI::App& program);

}  // namespace cli
