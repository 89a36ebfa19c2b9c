// Absolute http and https URLs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace net {

struct Url {
  std::string scheme;  // "http" | "https"
  std::string host;    // without brackets
  std::uint16_t port = 0;
  std::string path;       // encoded, without a trailing '/'; "" for the root
  std::string query;      // encoded, without '?'
  std::string user_info;  // always empty after parse: refused there

  // Errors: invalid, saying what is wrong (scheme, host, user info in the URL).
  [[nodiscard]] static core::Result<Url> parse(std::string_view text);
  [[nodiscard]] bool tls() const { return scheme == "https"; }
  [[nodiscard]] std::string authority() const;  // host[:port] as in the Host header (default ports left out)
  [[nodiscard]] std::string to_string() const;
};

}  // namespace net
