// From what a user gave to what CloudFormation gets (broker.md, "Parameters of an instance"). Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "broker/catalog.hpp"
#include "broker/instance_origin.hpp"
#include "core/json.hpp"

namespace broker {

using Values = std::map<std::string, std::string, std::less<>>;

// PARAM_OVERRIDE_<brokerId>_<cluster|all>_<namespace|all>_<class|all>_<parameter>=value, of one broker.
class Overrides {
 public:
  Overrides() = default;
  [[nodiscard]] static Overrides from_environment(std::string_view broker_id,
                                                  const std::vector<std::string>& environment);

  // Of several that match, the more specific wins, in the order cluster, namespace, class.
  [[nodiscard]] Values matching(const Origin& origin, std::string_view class_name) const;
  [[nodiscard]] std::set<std::string, std::less<>> for_everyone() const;  // names given by all_all_all
  // For each place (cluster, namespace, class) that gives the parameter: all values that hold there.
  [[nodiscard]] std::vector<Values> each_with(std::string_view parameter) const;
  // The values of the parameter by what they are given for, as the names have it: "all_all_s3".
  [[nodiscard]] Values by_place(std::string_view parameter) const;
  // "PARAM_OVERRIDE_…", for people.
  [[nodiscard]] std::string name_of(std::string_view place, std::string_view parameter) const;

 private:
  struct Override {
    std::string rest;  // everything behind the broker id: names may hold '_' themselves
    std::string value;
  };
  std::string prefix_;  // of the names of this broker's
  std::vector<Override> overrides_;
};

// What the stack is made with.
struct StackParameters {
  std::vector<std::pair<std::string, std::string>> template_values;  // in the template's order
  std::vector<std::pair<std::string, std::string>> tags;             // user_tags, then admin_tags
  std::string region;                                                // "" for the broker's own
  std::string target_role_name, target_account_id;
  std::string access_key_id;  // that the overrides give; "" for none
};

// Later wins: plan defaults < overrides < prescribed < the user's. Errors: invalid, "The parameter X is not
// available." (also of one that the administrator prescribes to everyone), "The parameter X is required.", a
// value that the plan's schema does not allow, tags that are no JSON list of Key and Value, a user's tag that
// only the broker sets, and other admin_tags than there are without the user.
[[nodiscard]] core::Result<StackParameters> merge_parameters(const Selection& selection,
                                                             const Values& overrides,
                                                             const boost::json::value& user_parameters);

}  // namespace broker
