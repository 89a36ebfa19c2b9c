// Who may call the broker, from the flags.
#pragma once

#include "options.hpp"
#include "osb/authenticator.hpp"

// Without any flag of it every caller is accepted. Error: invalid, naming the flag.
[[nodiscard]] core::Result<osb::Authentication> authentication_of(const Options& options);
