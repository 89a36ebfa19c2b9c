// The folder that the broker writes to: its SQLite file and its encryption key.
#pragma once

#include <string>

#include "core/error.hpp"
#include "options.hpp"

// --data-dir, or ~/.local/share/chandlery/broker. Error: invalid.
[[nodiscard]] core::Result<std::string> data_folder_name(const Options& options);
// The same, made where it is missing. Errors: invalid, unavailable.
[[nodiscard]] core::Result<std::string> data_folder(const Options& options);
