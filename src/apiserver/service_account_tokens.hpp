// Tokens of ServiceAccounts (kubectl create token): JWTs signed with a key of this control plane (HS256,
// since nobody else verifies them).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"

namespace apiserver {

struct ServiceAccountIdentity {
  std::string namespace_, name, uid;
};

class ServiceAccountTokens {
 public:
  // Makes the key file (mode 0600) where there is none.
  [[nodiscard]] static core::Result<ServiceAccountTokens> from_key_file(const std::string& path);

  [[nodiscard]] std::string issue(const ServiceAccountIdentity& account,
                                  const std::vector<std::string>& audiences, core::SystemTime now,
                                  std::chrono::seconds valid_for) const;
  // nullopt: not one of ours, changed, or expired. Whether the account still exists is for the caller to see.
  [[nodiscard]] std::optional<ServiceAccountIdentity> verify(std::string_view token,
                                                             core::SystemTime now) const;

  static constexpr std::string_view audience = "https://kubernetes.default.svc.cluster.local";

 private:
  explicit ServiceAccountTokens(std::string key) : key_(std::move(key)) {}
  [[nodiscard]] std::string signature_of(std::string_view signed_part) const;
  std::string key_;
};

}  // namespace apiserver
