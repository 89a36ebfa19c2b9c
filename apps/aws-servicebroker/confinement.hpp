// What the broker gives up before it serves: see core/confinement.hpp.
#pragma once

#include <string>

#include "options.hpp"

// Called before any thread is started. Says in the log what was achieved; where the kernel cannot do it, or a
// credential_process of a profile may need to write, the broker works all the same.
void confine(const Options& options, const std::string& data_folder);
