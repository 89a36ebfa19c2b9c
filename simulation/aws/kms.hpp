// KMS: data keys that only it can open again.
#pragma once

#include <map>
#include <set>
#include <string>

#include "simulation/aws/world.hpp"

namespace simulation {

class KeyService {
 public:
  explicit KeyService(World& world) : world_(world) {}
  [[nodiscard]] Answer<> handle(const Call& call);

  // `id`: an id, or an alias ("alias/broker").
  void add(const std::string& id) { keys_.insert(id); }
  void remove(const std::string& id) { keys_.erase(id); }

 private:
  struct DataKey {
    std::string key_id, plaintext, context;
  };
  World& world_;
  std::set<std::string> keys_;
  std::map<std::string, DataKey> data_keys_;  // by ciphertext, base64
};

}  // namespace simulation
