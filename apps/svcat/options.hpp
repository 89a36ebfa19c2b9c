// What the command line of svcat says.
#pragma once

#include <string>
#include <vector>

#include "svcat/commands/describe.hpp"
#include "svcat/commands/get.hpp"

struct Options {
  enum class Command { get, describe, exec };
  Command command = Command::get;

  std::string kubeconfig, context;
  std::string namespace_;  // "" for the context's
  svcat::GetRequest get;
  svcat::DescribeRequest describe;

  std::string binding;  // of exec
  std::vector<std::string> process;
  int timeout_seconds = 60;
};

// Exits where the command line is wrong or asks for help: `exit_code` is set and false is returned.
[[nodiscard]] bool parse_command_line(int argc, char** argv, Options& options, int& exit_code);
