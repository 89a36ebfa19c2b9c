// What a program is built from. The values come from scripts/version.sh, which cmake/Version.cmake asks at
// each build; they are compiled in one small file, so that a commit recompiles nothing else.
#pragma once

#include <string>
#include <string_view>

namespace cli {

// Semantic version: "1.0.0" for a tagged commit, "1.0.1-dev.5.g1a2b3c4d5" for the fifth commit after it.
[[nodiscard]] std::string_view version();
// Abbreviated hash, or "unknown" where the sources came without their history.
[[nodiscard]] std::string_view commit();

// What --version prints: "svcat 1.0.0 (commit 1a2b3c4d5, clang 19.1.7)".
[[nodiscard]] std::string version_line(std::string_view program);

}  // namespace cli
