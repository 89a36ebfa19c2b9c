#include "async/reloaded_files.hpp"

#include "core/file.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"

namespace async {

namespace {

std::string digest_of(const std::vector<std::string>& paths) {
  std::string digests;
  for (const std::string& path : paths) {
    const auto content = core::read_file(path);
    digests += content ? core::sha256_hex(*content) : content.error().message;
  }
  return digests;
}

}  // namespace

void ReloadedFiles::add(std::string name, std::vector<std::string> paths,
                        std::function<core::Result<>()> take) {
  std::erase(paths, "");
  if (paths.empty()) return;
  std::string digest = digest_of(paths);
  all_.push_back({.name = std::move(name),
                  .paths = std::move(paths),
                  .take = std::move(take),
                  .digest = std::move(digest)});
}

Task<> ReloadedFiles::look_again(Clock& clock, BlockingPool& pool) {
  while (true) {
    co_await clock.sleep_for(look_interval);
    for (Files& files : all_) {
      std::string digest = co_await pool.run([&files] { return digest_of(files.paths); });
      if (digest == files.digest) continue;
      files.digest = std::move(digest);
      take(files);
    }
  }
}

void ReloadedFiles::take_all() {
  for (const Files& files : all_) take(files);
}

void ReloadedFiles::take(const Files& files) {
  if (const auto taken = files.take(); !taken) {
    core::log::error("Files that have changed cannot be used; what was before stays in use",
                     {{"files", files.name}, {"error", taken.error().message}});
    return;
  }
  core::log::info("Files were reloaded", {{"files", files.name}});
}

}  // namespace async
