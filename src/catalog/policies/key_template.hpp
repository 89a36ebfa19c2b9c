// addKey.template: text with the values of other keys in it, such as a connection URL. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"

namespace catalog {

namespace json = boost::json;

// "postgres://{{username}}:{{password | urlencode}}@{{host}}". The only function is urlencode (RFC 3986:
// everything but unreserved characters as %XX). What is no text is written as JSON.
class KeyTemplate {
 public:
  // Error: invalid: braces that do not close, an empty key, an unknown function.
  [[nodiscard]] static core::Result<KeyTemplate> parse(std::string_view text);
  // Error: invalid, naming the key that is missing, never a value; also for more than 1 MiB (no Secret takes
  // more).
  [[nodiscard]] core::Result<std::string> fill(const json::object& credentials) const;

 private:
  struct Part {
    std::string text;  // literal, or the key
    bool is_key = false;
    bool encoded = false;
  };
  std::vector<Part> parts_;
};

// A credential as the bytes that the Secret gets: text as it is, anything else as JSON.
[[nodiscard]] std::string text_of_credential(const json::value& value);

}  // namespace catalog
