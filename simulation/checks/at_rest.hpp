// What must hold once nothing is changed any more, nothing fails any more, and time has passed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "simulation/aws/account.hpp"
#include "simulation/checks/cluster.hpp"
#include "simulation/users/users.hpp"

namespace simulation {

// What a story did that makes a later state no fault of the product's.
struct Excuses {
  bool stacks_failed = false;  // AWS made operations fail, which is final until the spec is changed
  std::map<std::string, core::SystemTime> once_ready;  // by external id of instances: since when
};

// Each violation is "<rule>: <what and where>".
// `account` is settled first.
void check_account(const Cluster& cluster, const Users& users, AwsAccount& account, const Excuses& excuses,
                   std::vector<std::string>& violations);
void check_objects(const Cluster& cluster, const Excuses& excuses, std::vector<std::string>& violations);

}  // namespace simulation
