// svcat exec: runs a command with a binding's credentials in its environment.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "async/clock.hpp"
#include "svcat/reader.hpp"

namespace svcat {

// Waits until the binding is Ready, then reads its Secret. Errors: not_found; timeout, with the binding's
// state; unprocessable (it has failed, or is being deleted); invalid (environment.hpp).
[[nodiscard]] async::Task<core::Result<std::map<std::string, std::string>>> credentials_of(
    Reader& reader, async::Clock& clock, kube::ObjectKey binding, std::chrono::milliseconds timeout);

// Replaces this process by the command, so that signals and the exit code are the command's own. It is looked
// for in our PATH, whatever the variables say. Returns only where that fails: 127 (no such command), 126 (it
// cannot be run).
[[nodiscard]] int replace_process(const std::vector<std::string>& command,
                                  const std::map<std::string, std::string>& variables);

}  // namespace svcat
