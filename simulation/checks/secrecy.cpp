// Values of credentials are in Secrets, and nowhere else.
#include "core/hash.hpp"
#include "simulation/checks/at_rest.hpp"

namespace simulation {

void check_secrecy(std::span<const Site> sites, const std::set<std::string>& secrets, const std::string& said,
                   std::vector<std::string>& violations) {
  for (const std::string& secret : secrets) {
    const std::string encoded = core::base64_encode(secret);
    const auto has_it = [&](const std::string& text) {
      return text.find(secret) != std::string::npos || text.find(encoded) != std::string::npos;
    };
    if (const auto at = said.find(secret); at != std::string::npos) {
      const auto begin = said.rfind('\n', at) + 1;
      violations.push_back("a secret is in a log: " + said.substr(begin, said.find('\n', at) - begin));
    }
    for (const Site& site : sites) {
      for (const auto* objects : {&site.cluster.brokers, &site.cluster.classes, &site.cluster.plans,
                                  &site.cluster.instances, &site.cluster.bindings, &site.cluster.events}) {
        for (const json::object& object : *objects) {
          if (has_it(core::to_text(object)))
            violations.push_back("a secret is in an object: " + describe(object));
        }
      }
    }
  }
}

}  // namespace simulation
