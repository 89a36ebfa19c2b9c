#include "broker/role_bindings.hpp"

#include <algorithm>

#include "core/yaml.hpp"

namespace broker {

namespace json = boost::json;

namespace {

using core::ErrorKind;
using core::fail;

constexpr std::size_t account_digits = 12;

bool matches(const std::vector<std::string>& patterns, std::string_view name) {
  return patterns.empty() || std::ranges::any_of(patterns, [name](std::string_view pattern) {
           if (!pattern.ends_with('*')) return pattern == name;
           pattern.remove_suffix(1);
           return name.starts_with(pattern);
         });
}

// One map of the file. The first thing that is wrong is the answer, so that a misspelt key never widens a
// rule.
class Fields {
 public:
  Fields(const json::value& value, std::string where) : where_(std::move(where)) {
    if (const json::object* map = value.if_object())
      map_ = *map;
    else
      wrong("must be a map");
  }

  [[nodiscard]] std::string text(std::string_view key) {
    const json::value value = take(key);
    if (value.is_string()) return std::string(value.get_string());
    // YAML takes an account id without quotation marks for a number, perhaps an octal one.
    if (!value.is_null()) wrong(std::string(key) + " must be a string; put a number in quotation marks");
    return {};
  }
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) {
    const json::value value = take(key);
    std::vector<std::string> result;
    if (value.is_null()) return result;
    const json::array* list = value.if_array();
    if (list == nullptr || list->empty()) wrong(std::string(key) + " must be a list with at least one entry");
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      if (!(*list)[i].is_string() || (*list)[i].get_string().empty())
        wrong(std::string(key) + " must be a list of strings");
      else
        result.emplace_back((*list)[i].get_string());
    }
    return result;
  }
  [[nodiscard]] json::value take(std::string_view key) {
    const auto found = map_.find(key);
    if (found == map_.end()) return nullptr;
    json::value value = std::move(found->value());
    map_.erase(found);
    return value;
  }
  void wrong(const std::string& what) {
    if (!problem_) problem_ = fail(ErrorKind::invalid, where_ + what).error();
  }
  // What was wrong, or a key that nobody took.
  [[nodiscard]] core::Result<> finish() {
    if (!map_.empty()) wrong("has an unknown key " + std::string(map_.begin()->key()));
    return problem_ ? core::Result<>(fail(*problem_)) : core::Result<>();
  }

 private:
  std::string where_;
  json::object map_;
  std::optional<core::Error> problem_;
};

core::Result<RoleBinding> to_rule(const json::value& value, std::size_t number) {
  Fields fields(value, "rule " + std::to_string(number) + " ");
  RoleBinding rule{.clusters = fields.texts("clusters"),
                   .namespaces = fields.texts("namespaces"),
                   .account_id = fields.text("accountId"),
                   .role_name = fields.text("roleName"),
                   .external_id = fields.text("externalId"),
                   .regions = fields.texts("regions")};
  const bool digits = std::ranges::all_of(rule.account_id, [](char c) { return c >= '0' && c <= '9'; });
  if (rule.account_id.size() != account_digits || !digits) fields.wrong("needs an accountId of 12 digits");
  if (rule.role_name.empty() || rule.role_name.starts_with('/'))
    fields.wrong("needs a roleName, without a leading \"/\"");
  if (auto finished = fields.finish(); !finished) return fail(std::move(finished.error()));
  return rule;
}

}  // namespace

core::Result<RoleBindings> RoleBindings::parse(std::string_view yaml) {
  const auto document = core::parse_yaml(yaml);
  if (!document) return fail(document.error());
  Fields fields(*document, "the file ");
  RoleBindings bindings;
  const json::value may_choose = fields.take("usersMayChooseRole");
  if (may_choose.is_bool())
    bindings.users_may_choose_role_ = may_choose.get_bool();
  else if (!may_choose.is_null())
    fields.wrong("usersMayChooseRole must be true or false");
  const json::value rules = fields.take("rules");
  if (!rules.is_array() && !rules.is_null()) fields.wrong("must have a list of rules");
  if (auto finished = fields.finish(); !finished) return fail(std::move(finished.error()));
  for (std::size_t i = 0; rules.is_array() && i < rules.get_array().size(); ++i) {
    auto rule = to_rule(rules.get_array()[i], i + 1);
    if (!rule) return fail(std::move(rule.error()));
    bindings.rules_.push_back(std::move(*rule));
  }
  return bindings;
}

const RoleBinding* RoleBindings::find(const Origin& origin) const {
  const auto found = std::ranges::find_if(rules_, [&](const RoleBinding& rule) {
    return matches(rule.clusters, origin.cluster) && matches(rule.namespaces, origin.namespace_);
  });
  return found != rules_.end() ? &*found : nullptr;
}

core::Result<> check_choice(const RoleBindings& bindings, const json::value& user_parameters) {
  const json::object* given = user_parameters.if_object();
  if (given == nullptr || bindings.users_may_choose_role()) return {};
  for (const char* name : place_parameters) {
    if (given->contains(name))
      return fail(ErrorKind::invalid, "The parameter " + std::string(name) +
                                          " is not available: the administrator chooses the account, the "
                                          "role and the region for your namespace.");
  }
  return {};
}

core::Result<Placement> place(const StackParameters& parameters, const RoleBinding* rule,
                              std::string_view partition, std::string_view own_account) {
  const auto arn = [&](std::string_view account, const std::string& role) {
    return "arn:" + std::string(partition) + ":iam::" + std::string(account) + ":role/" + role;
  };
  Placement placement{.region = parameters.region, .access_key_id = parameters.access_key_id};
  if (!parameters.target_role_name.empty()) {
    const std::string_view account =
        parameters.target_account_id.empty() ? own_account : parameters.target_account_id;
    placement.role_arn = arn(account, parameters.target_role_name);
    return placement;
  }
  if (rule == nullptr || !placement.access_key_id.empty()) return placement;
  placement.role_arn = arn(rule->account_id, rule->role_name);
  placement.external_id = rule->external_id;
  if (rule->regions.empty()) return placement;
  if (placement.region.empty()) placement.region = rule->regions.front();
  if (std::ranges::find(rule->regions, placement.region) == rule->regions.end())
    return fail(ErrorKind::invalid,
                "The region " + placement.region + " is not available in your namespace.");
  return placement;
}

}  // namespace broker
