// Text as protocols compare it: the case of ASCII letters aside, whatever the locale.
#pragma once

#include <string>
#include <string_view>

namespace core {

[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right);

}  // namespace core
