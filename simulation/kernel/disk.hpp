// The disk under SQLite: files in memory that a loss of power cuts at their last sync.
//
// It registers itself as SQLite's default file system; there is one at a time. See sqlite.org/vfs.html.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace simulation {

class Disk {
 public:
  Disk();
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // Paths are compared by their beginning. What is frozen can be neither read nor written, as by a process
  // that is no more.
  void freeze(const std::string& prefix, bool frozen);
  // Back to what was synced, and of the writes after it those that `survives` says (called for each, in
  // order).
  void lose_power(const std::string& prefix, const std::function<bool()>& survives);
  // No write gets room.
  void fill(const std::string& prefix, bool full);

  // All files there, as a backup has them; restoring one removes what was made since.
  using Image = std::map<std::string, std::string>;
  [[nodiscard]] Image image(const std::string& prefix) const;
  void restore(const std::string& prefix, const Image& image);

  // Told before a file's content is made durable, and after it.
  std::function<void(const std::string& path, bool before)> on_sync;

  // --- for the VFS
  struct File {
    struct Write {
      std::size_t offset = 0;
      std::string bytes;
      bool truncates = false;  // to `offset`
    };
    std::string content;  // as the operating system has it
    std::string synced;
    std::vector<Write> unsynced;
    std::vector<std::unique_ptr<std::vector<char>>> shared_memory;
    bool is_frozen = false, is_full = false;

    void apply(const Write& write, std::string& to) const;
    void write(Write change);
    void sync();
  };
  [[nodiscard]] std::shared_ptr<File> open(const std::string& path, bool create);
  [[nodiscard]] std::shared_ptr<File> find(const std::string& path) const;
  void remove(const std::string& path);

 private:
  [[nodiscard]] std::vector<std::shared_ptr<File>> below(const std::string& prefix) const;
  std::map<std::string, std::shared_ptr<File>> files_;
  std::map<std::string, bool> frozen_;
};

}  // namespace simulation
