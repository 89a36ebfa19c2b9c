// SIGINT and SIGTERM as something to wait for, also where the loop does not turn any more.
//
// Executor: the loop's thread. The signals are taken by a thread of their own, which tells the loop; from
// then on it asks the loop each second for an answer. A loop that gives none for `patience` is stuck, and
// would make its process deaf to everything but SIGKILL: the thread says so on standard error and ends the
// process at once, as kill -9 would (nothing that was acknowledged is lost by that), with the exit code 128 +
// signal.
#pragma once

#include <chrono>

#include "async/task.hpp"

namespace async {

// Ends at the first signal and returns its number. A second signal after that ends the process at once. Only
// for run_program(), once a program.
[[nodiscard]] Task<int> wait_for_shutdown_signal(
    std::chrono::milliseconds patience = std::chrono::seconds(10));

// Joins the thread. run_program() calls it when the loop has ended.
void end_shutdown_watch();

}  // namespace async
