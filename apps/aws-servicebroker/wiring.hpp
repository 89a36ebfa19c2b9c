// The broker's parts put together from its options.
#pragma once

#include "async/task.hpp"
#include "options.hpp"

// Serves until SIGINT or SIGTERM; the value is the exit code (2: wrong configuration).
[[nodiscard]] async::Task<int> run_broker(Options options);
