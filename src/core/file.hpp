// Whole files.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace core {

// Errors: not_found, forbidden, too_large, unavailable; each names the path.
[[nodiscard]] Result<std::string> read_file(const std::string& path,
                                            std::size_t max_bytes = 16 * 1024 * 1024);
// Atomically (temporary file in the same folder, fsync, rename) with the given mode.
[[nodiscard]] Result<> write_file(const std::string& path, std::string_view content, unsigned mode = 0600);

}  // namespace core
