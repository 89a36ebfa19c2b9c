// The gzip format (RFC 1952), for what is compressed once and sent often.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace core {

// As small as zlib makes it. The same bytes give the same result.
[[nodiscard]] std::string gzip(std::string_view bytes);

// Error: invalid (damaged, cut off, or of more than `most` bytes).
[[nodiscard]] Result<std::string> gunzip(std::string_view bytes, std::size_t most);

}  // namespace core
