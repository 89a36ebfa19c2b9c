// SSM Parameter Store.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "simulation/aws/world.hpp"

namespace simulation {

struct SsmVersion {
  std::string value;
  core::SystemTime made;
  std::set<std::string> labels;
};
struct SsmParameter {
  std::string name, type, arn;
  std::vector<SsmVersion> versions;  // the first is version 1
};

class SsmService {
 public:
  explicit SsmService(World& world) : world_(world) {}
  [[nodiscard]] Answer<> handle(const Call& call);
  [[nodiscard]] const auto& parameters() const { return parameters_; }

  // type: "String", "StringList" or "SecureString".
  Answer<> put(const std::string& name, const std::string& value, const std::string& type, bool overwrites);
  Answer<> remove(const std::string& name);
  // "name", "name:version" or "name:label". nullptr where there is none.
  [[nodiscard]] const SsmVersion* find(const std::string& selector) const;
  [[nodiscard]] const SsmParameter* find_parameter(const std::string& selector) const;

 private:
  World& world_;
  std::map<std::string, SsmParameter> parameters_;
};

}  // namespace simulation
