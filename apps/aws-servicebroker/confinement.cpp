#include "confinement.hpp"

#include <algorithm>
#include <filesystem>

#include "aws/credentials/shared_files.hpp"
#include "core/confinement.hpp"
#include "core/log.hpp"
#include "encryption_key.hpp"
#include "open_store.hpp"

namespace {

bool may_run_a_credential_process(const Options& options) {
  if (!options.access_key_id.empty()) return false;
  const auto files = aws::read_shared_files(aws::process_environment);
  return files && std::ranges::any_of(files->profiles, [](const auto& profile) {
           return profile.second.contains("credential_process");
         });
}

std::string folder_of(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::vector<std::string> written_folders(const Options& options, const std::string& data_folder) {
  std::vector<std::string> folders{data_folder};
  const auto store = store_name_of(options, data_folder);
  if (store && !store->is_dynamodb) folders.push_back(folder_of(store->name));
  const auto key = encryption_key_of(options, data_folder);
  if (key && !key->of_kms && !std::filesystem::exists(key->name)) folders.push_back(folder_of(key->name));
  return folders;
}

}  // namespace

void confine(const Options& options, const std::string& data_folder) {
  if (const auto given_up = core::give_up_privileges(); !given_up) {
    core::log::warn("Privileges could not be dropped", {{"error", given_up.error().message}});
    return;
  }
  if (may_run_a_credential_process(options)) {
    core::log::info("Writing files is not restricted: a profile has a credential_process, which may need it");
    return;
  }
  if (const auto confined = core::write_only_below(written_folders(options, data_folder)); !confined) {
    core::log::warn("Writing files is not restricted", {{"reason", confined.error().message}});
    return;
  }
  core::log::info("Writing files is restricted to the data folder", {{"folder", data_folder}});
}
