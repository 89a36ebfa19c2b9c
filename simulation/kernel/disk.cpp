#include "simulation/kernel/disk.hpp"

namespace simulation {

void Disk::File::apply(const Write& write, std::string& to) const {
  if (write.truncates) {
    to.resize(write.offset);
    return;
  }
  if (to.size() < write.offset + write.bytes.size()) to.resize(write.offset + write.bytes.size());
  to.replace(write.offset, write.bytes.size(), write.bytes);
}

void Disk::File::write(Write change) {
  apply(change, content);
  unsynced.push_back(std::move(change));
}

void Disk::File::sync() {
  for (const Write& write : unsynced) apply(write, synced);
  unsynced.clear();
}

std::shared_ptr<Disk::File> Disk::open(const std::string& path, bool create) {
  if (auto found = find(path)) return found;
  if (!create) return nullptr;
  auto made = std::make_shared<File>();
  for (const auto& [prefix, frozen] : frozen_) {
    if (frozen && path.starts_with(prefix)) made->is_frozen = true;
  }
  files_[path] = made;
  return made;
}

std::shared_ptr<Disk::File> Disk::find(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : found->second;
}

void Disk::remove(const std::string& path) {
  files_.erase(path);
}

std::vector<std::shared_ptr<Disk::File>> Disk::below(const std::string& prefix) const {
  std::vector<std::shared_ptr<File>> found;
  for (const auto& [path, file] : files_) {
    if (path.starts_with(prefix)) found.push_back(file);
  }
  return found;
}

void Disk::freeze(const std::string& prefix, bool frozen) {
  frozen_[prefix] = frozen;
  for (const auto& file : below(prefix)) {
    file->is_frozen = frozen;
    if (frozen) file->shared_memory.clear();  // it was the process's
  }
}

void Disk::lose_power(const std::string& prefix, const std::function<bool()>& survives) {
  for (const auto& file : below(prefix)) {
    for (const File::Write& write : file->unsynced) {
      if (survives()) file->apply(write, file->synced);
    }
    file->unsynced.clear();
    file->content = file->synced;
  }
}

void Disk::fill(const std::string& prefix, bool full) {
  for (const auto& file : below(prefix)) file->is_full = full;
}

Disk::Image Disk::image(const std::string& prefix) const {
  Image image;
  for (const auto& [path, file] : files_) {
    if (path.starts_with(prefix)) image[path] = file->content;
  }
  return image;
}

void Disk::restore(const std::string& prefix, const Image& image) {
  std::erase_if(files_, [&](const auto& entry) { return entry.first.starts_with(prefix); });
  for (const auto& [path, content] : image) {
    const auto file = open(path, true);
    file->content = file->synced = content;
  }
}

}  // namespace simulation
