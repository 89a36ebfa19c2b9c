// What brokers offer: whether a catalog has the specified form, and what those that were seen say of a plan.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "simulation/checks/osb_message.hpp"

namespace simulation::osb_check {

// Calls `wrong` for each thing that is not as the specification has it, with the duty's number.
void check_catalog(const json::object& catalog, const std::function<void(int duty, std::string)>& wrong);

// All catalogs of one broker that one platform has got. What they do not agree on nothing is said of: the
// platform may still work with an older one.
class KnownCatalogs {
 public:
  void add(const json::object& catalog);
  [[nodiscard]] bool is_empty() const { return count_ == 0; }
  [[nodiscard]] bool has_plan(const std::string& service_id, const std::string& plan_id) const;
  [[nodiscard]] bool has_service(const std::string& service_id) const {
    return services_.contains(service_id);
  }
  [[nodiscard]] bool has_version(const std::string& maintenance_version) const {
    return versions_.contains(maintenance_version);
  }
  // nullopt: unknown, or it has changed.
  [[nodiscard]] std::optional<bool> bindable(const std::string& plan) const;
  [[nodiscard]] std::optional<bool> plan_updateable(const std::string& plan) const;
  [[nodiscard]] std::optional<bool> rotatable(const std::string& plan) const;
  [[nodiscard]] std::optional<bool> bindings_retrievable(const std::string& service) const;
  [[nodiscard]] std::optional<bool> instances_retrievable(const std::string& service) const;
  [[nodiscard]] std::optional<bool> context_updates(const std::string& service) const;
  // The shortest of a plan that was ever seen.
  [[nodiscard]] std::optional<milliseconds> polling_limit(const std::string& plan) const;

 private:
  using Flags = std::map<std::string, std::set<bool>>;
  [[nodiscard]] static std::optional<bool> sure(const Flags& flags, const std::string& key);
  void note(Flags& flags, const std::string& key, bool value) { flags[key].insert(value); }

  int count_ = 0;
  std::map<std::string, std::set<std::string>> services_;  // their plans
  std::set<std::string> versions_;
  Flags bindable_, plan_updateable_, rotatable_, bindings_retrievable_, instances_retrievable_,
      context_updates_;
  std::map<std::string, milliseconds> limits_;
};

// Ids by name, to see one that changes.
class CatalogIds {
 public:
  void check(const json::object& catalog, const std::function<void(int duty, std::string)>& wrong);

 private:
  std::map<std::string, std::string> services_;
};

}  // namespace simulation::osb_check
