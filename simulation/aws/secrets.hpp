// Secrets Manager.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "simulation/aws/iam.hpp"
#include "simulation/aws/world.hpp"

namespace simulation {

struct SecretVersion {
  std::string text;
  std::set<std::string> stages;
  core::SystemTime made;
};
struct Secret {
  std::string name, arn;
  Tags tags;
  std::map<std::string, SecretVersion> versions;  // by id
  std::optional<core::SystemTime> deletion;       // it is gone from then on
};

class SecretService {
 public:
  explicit SecretService(World& world) : world_(world) {}
  [[nodiscard]] Answer<> handle(const Call& call);
  [[nodiscard]] const auto& secrets() const { return secrets_; }

  Answer<Secret*> create(const std::string& name, const std::string& text, Tags tags);
  // The new text becomes AWSCURRENT, the old one AWSPREVIOUS.
  void put(Secret& secret, const std::string& text, const std::string& version_id = "");
  void remove(const std::string& arn_or_name) {
    if (const Secret* found = find(arn_or_name)) secrets_.erase(found->name);
  }
  // By its name, its ARN, or its ARN without the six characters at the end.
  [[nodiscard]] Secret* find(const std::string& id);
  // GenerateSecretString's result. Failure: its template is no JSON.
  [[nodiscard]] Answer<std::string> generate(const core::json::object& settings);

 private:
  World& world_;
  std::map<std::string, Secret> secrets_;  // by name
};

}  // namespace simulation
