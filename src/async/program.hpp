// A program's one loop.
#pragma once

#include "async/task.hpp"

namespace async {

// Runs the task to its end on a loop of its own; its value is the exit code. An exception is logged, and the
// code is 1.
int run_program(Task<int> task);

}  // namespace async
