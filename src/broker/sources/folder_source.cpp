#include "broker/sources/folder_source.hpp"

#include <filesystem>

#include "core/file.hpp"

namespace broker {

namespace {

// Where a value cannot be had, reading the file says why.
ListedTemplate listed(const std::filesystem::directory_entry& entry) {
  std::error_code error;
  const auto written = entry.last_write_time(error).time_since_epoch().count();
  const std::uintmax_t size = entry.file_size(error);
  return {.name = entry.path().filename().string(),
          .stamp = std::to_string(written) + "/" + std::to_string(size),
          .size = error ? 0 : static_cast<std::size_t>(size)};
}

core::Result<std::vector<ListedTemplate>> list_folder(const std::string& folder) {
  std::error_code error;
  std::vector<ListedTemplate> files;
  std::filesystem::directory_iterator at(folder, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error))
    files.push_back(listed(*at));
  if (error) {
    return core::fail(core::ErrorKind::not_found,
                      "the template folder " + folder + " cannot be read: " + error.message());
  }
  return files;
}

}  // namespace

async::Task<core::Result<std::vector<ListedTemplate>>> FolderSource::list() {
  return pool_.run([folder = folder_] { return list_folder(folder); });
}

async::Task<core::Result<std::string>> FolderSource::read(std::string name) {
  return pool_.run([path = folder_ + "/" + name] { return core::read_file(path, max_template_bytes); });
}

}  // namespace broker
