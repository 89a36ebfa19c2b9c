// ~/.aws/config and ~/.aws/credentials (docs.aws.amazon.com/sdkref/latest/guide/file-format.html). Pure but
// for read_shared_files.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "aws/endpoints.hpp"
#include "core/error.hpp"

namespace aws {

using ProfileSettings = std::map<std::string, std::string, std::less<>>;  // keys in lower case

struct SharedFiles {
  std::map<std::string, ProfileSettings, std::less<>> profiles;  // of both files; the credentials file wins
  std::string config_path, credentials_path;
};

// One file's sections by name; "[profile x]" (config) and "[x]" (credentials) both give "x". Nested settings
// are left out. Error: invalid with the line.
[[nodiscard]] core::Result<std::map<std::string, ProfileSettings, std::less<>>> parse_shared_file(
    std::string_view text, bool is_config);

// AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, HOME. Files that are not there are empty. Blocks.
[[nodiscard]] core::Result<SharedFiles> read_shared_files(const Environment& environment);

}  // namespace aws
