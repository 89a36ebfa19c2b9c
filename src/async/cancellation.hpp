// What a task does about its own cancellation.
#pragma once

#include "async/task.hpp"

namespace async {

// Operations report their cancellation as an error code, or not at all; this makes it the exception that ends
// the task: boost::system::system_error(operation_aborted).
[[nodiscard]] Task<> throw_if_cancelled();

}  // namespace async
