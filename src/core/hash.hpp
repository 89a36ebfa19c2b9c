// Digests and encodings (OpenSSL underneath).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace core {

using Sha256 = std::array<std::uint8_t, 32>;
using Sha1 = std::array<std::uint8_t, 20>;

[[nodiscard]] Sha256 sha256(std::string_view data);
[[nodiscard]] Sha1 sha1(std::string_view data);
[[nodiscard]] Sha256 hmac_sha256(std::string_view key, std::string_view data);

[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);  // lower case
[[nodiscard]] std::string sha256_hex(std::string_view data);

[[nodiscard]] std::string base64_encode(std::string_view data);
// Standard alphabet, padding required, line breaks refused. Error: invalid.
[[nodiscard]] Result<std::string> base64_decode(std::string_view text);

// RFC 3986: everything but unreserved characters as %XX (upper case). `keep` names further characters to
// leave.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view keep = {});
// Error: invalid (a broken escape). '+' stays '+'.
[[nodiscard]] Result<std::string> percent_decode(std::string_view text);

// Compares without telling by its time where the first difference is.
[[nodiscard]] bool equal_constant_time(std::string_view left, std::string_view right);

}  // namespace core
