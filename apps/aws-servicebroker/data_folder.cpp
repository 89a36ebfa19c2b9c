#include "data_folder.hpp"

#include <filesystem>

#include "aws/endpoints.hpp"

using core::ErrorKind;
using core::fail;

core::Result<std::string> data_folder_name(const Options& options) {
  if (!options.data_dir.empty()) return options.data_dir;
  const std::string home = aws::process_environment("HOME");
  if (home.empty()) return fail(ErrorKind::invalid, "HOME is not set: use --data-dir");
  return home + "/.local/share/chandlery/broker";
}

core::Result<std::string> data_folder(const Options& options) {
  auto folder = data_folder_name(options);
  if (!folder) return folder;
  std::error_code error;
  std::filesystem::create_directories(*folder, error);
  if (error)
    return fail(ErrorKind::unavailable,
                "the data folder " + *folder + " cannot be created: " + error.message());
  return folder;
}
