// The files of deploy/crds, built into the binary.
#pragma once

#include <span>
#include <string_view>

namespace catalog {

struct CrdFile {
  std::string_view name;  // "serviceinstances.yaml"
  std::string_view yaml;
};
[[nodiscard]] std::span<const CrdFile> crd_files();

}  // namespace catalog
