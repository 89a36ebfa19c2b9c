#include "core/file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "core/random.hpp"

namespace core {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::unexpected<Error> fail_with_errno(const std::string& what, int error) {
  ErrorKind kind = ErrorKind::unavailable;
  if (error == ENOENT) kind = ErrorKind::not_found;
  if (error == EACCES || error == EPERM) kind = ErrorKind::forbidden;
  return fail(kind, what + ": " + std::strerror(error));
}

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return fail_with_errno(path, errno);
  std::string content;
  constexpr std::size_t piece = 64 * 1024;
  while (true) {
    const std::size_t before = content.size();
    content.resize(before + piece);
    const ssize_t count = ::read(file.get(), content.data() + before, piece);
    if (count < 0 && errno == EINTR) {
      content.resize(before);
      continue;
    }
    if (count < 0) return fail_with_errno(path, errno);
    content.resize(before + static_cast<std::size_t>(count));
    if (content.size() > max_bytes) {
      return fail(ErrorKind::too_large, path + " is larger than " + std::to_string(max_bytes) + " bytes");
    }
    if (count == 0) return content;
  }
}

Result<> write_file(const std::string& path, std::string_view content, unsigned mode) {
  const std::string temporary = path + "." + random_hex(6) + ".tmp";
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (file.get() < 0) return fail_with_errno(path, errno);
    // The mode that open() gives is cut by the umask.
    const bool written =
        ::fchmod(file.get(), mode) == 0 && write_all(file.get(), content) && ::fsync(file.get()) == 0;
    if (!written) {
      const int error = errno;
      ::unlink(temporary.c_str());
      return fail_with_errno(path, error);
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return fail_with_errno(path, error);
  }
  // The new name is durable only once its folder is.
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() >= 0) ::fsync(directory.get());
  return {};
}

}  // namespace core
