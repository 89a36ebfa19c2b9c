// Text as protocols compare it, the case of ASCII letters aside, whatever the locale; and as people are shown
// it, not too long.
#pragma once

#include <string>
#include <string_view>

namespace core {

[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right);

[[nodiscard]] std::string_view trimmed(std::string_view text);  // without the spaces around it

// At most so many bytes of UTF-8 text: cut between characters, with "..." at the end.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t longest);

}  // namespace core
