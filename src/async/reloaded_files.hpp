// Files that are taken anew while a program runs: when their content has changed, and when it is told to.
// They are read rather than watched, so that the swapped links of a Kubernetes volume, mounts and renames are
// all the same.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "async/blocking_pool.hpp"
#include "async/clock.hpp"
#include "core/error.hpp"

namespace async {

class ReloadedFiles {
 public:
  static constexpr std::chrono::seconds look_interval{5};

  // `take` reads the files and uses them; where it fails, what was before stays in use, and an error is
  // logged. `name`: "TLS certificate". Called after the files were taken for the first time; "" among the
  // paths is none.
  void add(std::string name, std::vector<std::string> paths, std::function<core::Result<>()> take);

  // Until cancelled. On the loop's thread, but for reading.
  [[nodiscard]] Task<> look_again(Clock& clock, BlockingPool& pool);
  void take_all();  // at SIGHUP

 private:
  struct Files {
    std::string name;
    std::vector<std::string> paths;
    std::function<core::Result<>()> take;
    std::string digest;  // of the contents that were last taken, or refused
  };
  static void take(const Files& files);
  std::vector<Files> all_;
};

}  // namespace async
