// What a program gives up once it needs it no more, so that whoever takes it over gets little: writing files,
// new privileges, dumps of its memory.
#pragma once

#include <string>
#include <vector>

#include "core/error.hpp"

namespace core {

// Neither this process nor what it starts can gain privileges by executing a file; its memory, which holds
// secrets, is neither dumped nor shown to other processes of the user.
[[nodiscard]] Result<> give_up_privileges();

// From now on this thread, and every thread and process that it starts, can write, make, remove and truncate
// files only below these folders (and write to /dev/null); reading and executing stay as they are. By
// Landlock (docs.kernel.org/userspace-api/landlock.html), so it needs give_up_privileges() before, and cannot
// be undone. Errors: not_found (a folder), unavailable (the kernel has no Landlock, or it is switched off).
[[nodiscard]] Result<> write_only_below(const std::vector<std::string>& folders);

}  // namespace core
