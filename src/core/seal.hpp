// Encryption at rest: AES-256-GCM under a key from a file or from a key service. Sealed texts carry a version
// byte and their nonce.
#pragma once

#include <string>
#include <string_view>
#include <sys/types.h>

#include "core/error.hpp"

namespace core {

// Whether a key file keeps its key from those whom it is none of the business: nobody but its owner may read
// it, or, where `reader` is not the owner (a Secret that Kubernetes mounts belongs to root), its group too.
[[nodiscard]] constexpr bool is_private(mode_t mode, uid_t owner, uid_t reader) {
  const mode_t others = owner == reader ? 077 : 037;
  return (mode & others) == 0;
}

class Sealer {
 public:
  // Reads the key file; makes it (32 random bytes, mode 0600, in a folder that exists) where there is none.
  // Errors: invalid (wrong length, readable by others: the message says `chmod 600 …`), unavailable.
  [[nodiscard]] static Result<Sealer> from_key_file(const std::string& path);
  // Of 32 bytes. Error: invalid.
  [[nodiscard]] static Result<Sealer> from_key(std::string key);
  // A key for this process only.
  [[nodiscard]] static Sealer ephemeral();

  // Tells two keys apart, and nothing about either: 16 hex digits.
  [[nodiscard]] std::string fingerprint() const;

  // `context` (a name: the object's key, the column) is authenticated too, so a sealed text cannot be moved
  // elsewhere.
  [[nodiscard]] std::string seal(std::string_view plain, std::string_view context) const;
  // Error: invalid (wrong key, context, or changed bytes).
  [[nodiscard]] Result<std::string> open(std::string_view sealed, std::string_view context) const;

 private:
  explicit Sealer(std::string key) : key_(std::move(key)) {}
  std::string key_;
};

}  // namespace core
