// What the subcommands have in common: the log's settings, and running one task on the program's loop.
#pragma once

#include <string>

#include "async/task.hpp"

void configure_log(const std::string& format, const std::string& level);

// Runs the task to its end; its value is the exit code. An exception is logged, and the code is 1.
int run_program(async::Task<int> task);
