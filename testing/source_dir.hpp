// Where the repository lies, for tests that read its files.
#pragma once

#include <string>

namespace fakes {

// "<repository>/<path>"
[[nodiscard]] std::string source_path(const std::string& path);

}  // namespace fakes
