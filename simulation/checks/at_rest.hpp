// What must hold once nothing is changed any more, nothing fails any more, and time has passed.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "simulation/aws/account.hpp"
#include "simulation/checks/cluster.hpp"
#include "simulation/users/users.hpp"

namespace simulation {

// One cluster with its users.
struct Site {
  std::string name;  // of its API server
  Users* users = nullptr;
  Cluster cluster;  // as it was read last
};

// What a story did that makes a later state no fault of the product's.
struct Excuses {
  bool stacks_failed = false;  // AWS made operations fail, which is final until the spec is changed
  // By external id of instances: since when they were Ready. What a user has once seen Ready may hold data;
  // what never was is an orphan.
  std::map<std::string, core::SystemTime> once_ready;
  std::set<std::string> changed_stacks;  // ids of stacks that people changed or deleted in AWS
  // External ids that were known when an older state of a cluster or of a broker's records came back.
  std::set<std::string> set_back;
};

// Each violation is "<rule>: <what and where>".
// `account` is settled first. `told`: the secret keys that brokers have ever answered with.
void check_account(std::span<const Site> sites, AwsAccount& account, const Excuses& excuses,
                   const std::set<std::string>& told, std::vector<std::string>& violations);
void check_objects(const Site& site, const Excuses& excuses, std::vector<std::string>& violations);
// No two objects of all clusters are Ready as the same instance.
void check_owners(std::span<const Site> sites, std::vector<std::string>& violations);
// `said`: all that programs have logged and the network has shown of itself.
void check_secrecy(std::span<const Site> sites, const std::set<std::string>& secrets, const std::string& said,
                   std::vector<std::string>& violations);

}  // namespace simulation
