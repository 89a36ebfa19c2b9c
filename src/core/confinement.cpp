#include "core/confinement.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace core {

namespace {

// Of later versions of Landlock than the headers that this is built with may know.
constexpr std::uint64_t refer = 1ULL << 13U;     // version 2
constexpr std::uint64_t truncate = 1ULL << 14U;  // version 3

constexpr std::uint64_t writes_to_a_file = LANDLOCK_ACCESS_FS_WRITE_FILE;
constexpr std::uint64_t writes = writes_to_a_file | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                                 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

std::unexpected<Error> system_failure(const std::string& what) {
  return fail(ErrorKind::unavailable, what + ": " + std::strerror(errno));
}

Result<> allow_below(int rules, const std::string& path, std::uint64_t access) {
  const int place = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (place < 0) return fail(ErrorKind::not_found, path + ": " + std::strerror(errno));
  landlock_path_beneath_attr rule{};
  rule.allowed_access = access;
  rule.parent_fd = place;
  const long added = ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  const auto result = added == 0 ? Result<>() : system_failure(path);
  ::close(place);
  return result;
}

Result<> allow_and_restrict(int rules, const std::vector<std::string>& folders, std::uint64_t access) {
  for (const std::string& folder : folders) {
    if (auto allowed = allow_below(rules, folder, access); !allowed) return allowed;
  }
  if (auto allowed = allow_below(rules, "/dev/null", writes_to_a_file | (access & truncate)); !allowed)
    return allowed;
  if (::syscall(SYS_landlock_restrict_self, rules, 0) != 0) return system_failure("Landlock");
  return {};
}

}  // namespace

Result<> give_up_privileges() {
  constexpr rlimit none{.rlim_cur = 0, .rlim_max = 0};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_failure("PR_SET_NO_NEW_PRIVS");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return system_failure("PR_SET_DUMPABLE");
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return system_failure("RLIMIT_CORE");
  return {};
}

Result<> write_only_below(const std::vector<std::string>& folders) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return system_failure("this kernel has no Landlock");
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = writes | (version >= 2 ? refer : 0) | (version >= 3 ? truncate : 0);
  const auto rules = static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled.handled_access_fs), 0));
  if (rules < 0) return system_failure("Landlock");
  const auto result = allow_and_restrict(rules, folders, handled.handled_access_fs);
  ::close(rules);
  return result;
}

}  // namespace core
