// Text as protocols compare it (the case of ASCII letters aside, whatever the locale), and as people can be
// shown it.
#pragma once

#include <string>
#include <string_view>

namespace core {

[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right);

[[nodiscard]] std::string_view trimmed(std::string_view text);  // without the spaces around it

// The text, or as much of its beginning as fits into `longest` bytes and an ellipsis: no UTF-8 character is
// cut.
[[nodiscard]] std::string shortened(std::string text, std::size_t longest);

}  // namespace core
