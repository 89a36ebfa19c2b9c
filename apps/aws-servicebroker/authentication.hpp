// Who may call the broker, from the flags.
#pragma once

#include <vector>

#include "options.hpp"
#include "osb/auth.hpp"

// None: every caller is accepted. Error: invalid, naming the flag.
[[nodiscard]] core::Result<std::vector<osb::User>> users_of(const Options& options);
