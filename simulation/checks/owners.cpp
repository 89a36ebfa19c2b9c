// An instance has one owner, whatever other objects claim.
#include "simulation/checks/at_rest.hpp"

namespace simulation {

void check_owners(std::span<const Site> sites, std::vector<std::string>& violations) {
  std::map<std::string, std::string> owners;
  for (const Site& site : sites) {
    for (const json::object& instance : site.cluster.instances) {
      if (kube::is_being_deleted(instance) || !is_ready(instance)) continue;
      const std::string what = site.name + ": " + describe(instance);
      const std::string id(core::find_string(instance, {"spec", "externalID"}));
      const auto [owner, is_first] = owners.try_emplace(id, what);
      if (!is_first)
        violations.push_back("an instance is Ready for two: " + id + ", " + owner->second + " and " + what);
    }
  }
}

}  // namespace simulation
