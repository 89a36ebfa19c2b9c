#include "broker/value_text.hpp"

#include <array>
#include <charconv>

namespace broker {

std::string value_text(const boost::json::value& value) {
  if (const auto* text = value.if_string()) return std::string(*text);
  if (const auto* number = value.if_double()) {
    // JSON's own form of 0.5 is 5E-1 here, which is not what the template's author wrote.
    std::array<char, 512> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), *number, std::chars_format::fixed).ptr;
    return {digits.data(), end};
  }
  return value.is_null() ? std::string() : boost::json::serialize(value);
}

}  // namespace broker
