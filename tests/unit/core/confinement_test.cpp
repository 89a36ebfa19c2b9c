#include "core/confinement.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "core/random.hpp"

namespace core {
namespace {

namespace fs = std::filesystem;

bool can_write(const fs::path& path) {
  return static_cast<bool>(std::ofstream(path) << "text" << std::flush);
}

// It cannot be undone, so a process of its own does it; the value is its exit code.
int in_another_process(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class Confinement : public testing::Test {
 protected:
  Confinement() {
    fs::create_directories(folder_ / "data");
    fs::create_directories(folder_ / "other");
    std::ofstream(folder_ / "other" / "file") << "text";
  }
  ~Confinement() override { fs::remove_all(folder_); }
  fs::path folder_ = fs::temp_directory_path() / ("confinement-" + random_hex(8));
};

TEST_F(Confinement, leaves_writing_below_the_folders_only_and_reading_everywhere) {
  const int code = in_another_process([this] {
    if (!give_up_privileges()) return 1;
    const auto confined = write_only_below({(folder_ / "data").string()});
    if (!confined) return confined.error().kind == ErrorKind::unavailable ? 77 : 2;
    if (!can_write(folder_ / "data" / "new") || !fs::create_directory(folder_ / "data" / "sub")) return 3;
    if (can_write(folder_ / "other" / "new") || can_write(folder_ / "other" / "file")) return 4;
    std::error_code error;
    fs::remove(folder_ / "other" / "file", error);
    if (!error) return 5;
    std::string text;
    std::ifstream(folder_ / "other" / "file") >> text;
    if (text != "text" || !can_write("/dev/null")) return 6;
    return 0;
  });
  EXPECT_TRUE(code == 0 || code == 77) << code << " (77: a kernel without Landlock)";
}

TEST_F(Confinement, names_a_folder_that_is_not_there) {
  EXPECT_EQ(in_another_process([this] {
              if (!give_up_privileges()) return 1;
              const auto confined = write_only_below({(folder_ / "none").string()});
              return confined ? 2 : 0;
            }),
            0);
}

TEST_F(Confinement, keeps_memory_from_being_dumped) {
  EXPECT_EQ(in_another_process([] {
              if (!give_up_privileges()) return 1;
              return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) +
                     2 * (1 - ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
            }),
            0);
}

}  // namespace
}  // namespace core
