// A lock that says: these files are somebody's. Held as long as the object lives, and freed by the kernel
// however its process ends (flock), so that nothing is left to be removed by hand.
#pragma once

#include <string>

#include "core/error.hpp"

namespace core {

class FileLock {
 public:
  // Makes the file (mode 0600) where it is missing and writes the process's number into it. `what` is what
  // the lock stands for ("the data folder /x"). Errors: conflict (another process holds it: the message names
  // it), unavailable.
  [[nodiscard]] static Result<FileLock> take(const std::string& path, const std::string& what);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

}  // namespace core
