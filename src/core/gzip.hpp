// The gzip format (RFC 1952), for what is compressed once and sent often.
#pragma once

#include <string>
#include <string_view>

namespace core {

// As small as zlib makes it. The same bytes give the same result.
[[nodiscard]] std::string gzip(std::string_view bytes);

}  // namespace core
