// Which role the broker takes for instances of which clusters and namespaces, as the administrator says in a
// file (--role-bindings; docs/broker.md). Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "broker/cloud/placement.hpp"
#include "broker/parameters.hpp"

namespace broker {

struct RoleBinding {
  std::vector<std::string> clusters, namespaces;  // exact, or a beginning and "*"; empty: all
  std::string account_id;
  std::string role_name;             // with its path, without the leading "/"
  std::string external_id;           // "" for none
  std::vector<std::string> regions;  // the first is the default; empty: all
};

class RoleBindings {
 public:
  RoleBindings() = default;
  // Error: invalid, saying what is wrong in which rule.
  [[nodiscard]] static core::Result<RoleBindings> parse(std::string_view yaml);

  // The first rule for that origin; nullptr for none.
  [[nodiscard]] const RoleBinding* find(const Origin& origin) const;
  [[nodiscard]] const std::vector<RoleBinding>& rules() const { return rules_; }
  [[nodiscard]] bool users_may_choose_role() const { return users_may_choose_role_; }

 private:
  std::vector<RoleBinding> rules_;
  bool users_may_choose_role_ = true;
};

// The parameters by which users choose where an instance is made. Error: invalid (the request gives one, and
// users may not).
inline constexpr std::array place_parameters{"target_account_id", "target_role_name", "region"};
[[nodiscard]] core::Result<> check_choice(const RoleBindings& bindings,
                                          const boost::json::value& user_parameters);

// Where an instance is made: in the role that its parameters name (users' or overrides'), else in the rule's,
// but where overrides give keys of another account. `rule` may be nullptr. Error: invalid (a region that the
// rule does not allow).
[[nodiscard]] core::Result<Placement> place(const StackParameters& parameters, const RoleBinding* rule,
                                            std::string_view partition, std::string_view own_account);

}  // namespace broker
