// The files of kinds/, built into the binary: the kinds of the core API in the form of CRDs, and the schema
// of metadata.
#pragma once

#include <span>
#include <string_view>

namespace apiserver {

struct KindFile {
  std::string_view name;  // "secrets.yaml"
  std::string_view yaml;
};
[[nodiscard]] std::span<const KindFile> kind_files();

}  // namespace apiserver
