// Semantic versions (semver.org 2.0.0).
#pragma once

#include <string_view>

namespace core {

[[nodiscard]] bool is_semantic_version(std::string_view text);

}  // namespace core
