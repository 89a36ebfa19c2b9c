// The AWS service broker, over one of its stores, as a process that is reached by its name.
#pragma once

#include <map>
#include <string>

#include "simulation/kernel/simulator.hpp"

namespace simulation {

// The folder of templates that a broker reads, as an operator changes it.
struct TemplateFolder {
  std::map<std::string, std::string> files;
  std::uint64_t version = 1;
};

// A broker's second name in the network is its first one with this.
inline constexpr const char* new_address = ".new";

enum class StoreKind { sqlite, dynamodb };

struct BrokerSetup {
  std::string host;  // what platforms call, also with new_address
  std::string broker_id;
  StoreKind store = StoreKind::sqlite;
  std::string aws;  // the account's name in the network
  std::string account_id;
  std::string key_id;  // that AWS knows it by; the secret is "secret"
};

// `templates` outlives the process.
[[nodiscard]] MakeProgram service_broker(Simulator& simulator, BrokerSetup setup,
                                         const TemplateFolder& templates);

}  // namespace simulation
