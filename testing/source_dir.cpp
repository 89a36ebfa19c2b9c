#include "source_dir.hpp"

namespace fakes {

std::string source_path(const std::string& path) {
  return std::string(CHANDLERY_SOURCE_DIR "/") + path;
}

}  // namespace fakes
