// STS, and who may call at all: keys that were let in, users' keys, and keys of roles for an hour.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "simulation/aws/iam.hpp"
#include "simulation/aws/world.hpp"

namespace simulation {

struct Credential {
  Caller caller;
  std::string secret;
  std::string session_token;  // "" of keys that last
  std::optional<core::SystemTime> expires;
};

class TokenService {
 public:
  TokenService(World& world, IamService& iam) : world_(world), iam_(iam) {}
  [[nodiscard]] Answer<> handle(const Call& call);

  // A key pair that everything is allowed to.
  void admit(const std::string& key_id, const std::string& secret, const std::string& name);
  void dismiss(const std::string& key_id) { admitted_.erase(key_id); }
  [[nodiscard]] std::optional<Credential> find(const std::string& key_id) const;

 private:
  [[nodiscard]] Answer<> assume(const Call& call);

  World& world_;
  IamService& iam_;
  std::map<std::string, Credential> admitted_;
};

}  // namespace simulation
