// SIGINT and SIGTERM as something to wait for.
#pragma once

#include "async/task.hpp"

namespace async {

// Ends at the first signal and returns its number. A second signal after that ends the process at once (exit
// 130).
[[nodiscard]] Task<int> wait_for_shutdown_signal();

}  // namespace async
