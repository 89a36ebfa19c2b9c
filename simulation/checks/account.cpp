// What is in AWS at rest, beside what the cluster wants.
#include <algorithm>
#include <array>

#include "broker/stack_tags.hpp"
#include "catalog/api/annotations.hpp"
#include "core/hash.hpp"
#include "simulation/checks/at_rest.hpp"

namespace simulation {

namespace {

std::string tag_of(const Tags& tags, const char* name) {
  const auto found = tags.find(name);
  return found == tags.end() ? std::string() : found->second;
}

std::string describe_stack(const Stack& stack) {
  return "stack " + stack.name + " (" + stack.status + ")";
}

// What was rolled back is as it was before; whether that is what is wanted its parameters tell.
bool has_ended_well(const std::string& status) {
  return status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE" || status == "IMPORT_COMPLETE" ||
         status == "UPDATE_ROLLBACK_COMPLETE";
}

std::string external_id(const json::object& object) {
  return std::string(core::find_string(object, {"spec", "externalID"}));
}

bool has_id(std::span<const Site> sites, const std::string& id) {
  return std::ranges::any_of(sites, [&](const Site& site) {
    return std::ranges::any_of(site.cluster.instances,
                               [&](const json::object& each) { return external_id(each) == id; });
  });
}

// A rotated binding's credentials have an id of their own, which its status tells.
bool names_id(std::span<const Site> sites, const std::string& id) {
  return std::ranges::any_of(sites, [&](const Site& site) {
    return std::ranges::any_of(site.cluster.bindings, [&](const json::object& each) {
      return core::to_text(each).find(id) != std::string::npos;
    });
  });
}

bool may_stay(std::span<const Site> sites, const std::string& id) {
  return std::ranges::any_of(sites, [&](const Site& site) { return site.users->may_stay(id); });
}

bool asked_to_delete(std::span<const Site> sites, const std::string& id) {
  return std::ranges::any_of(sites, [&](const Site& site) { return site.users->asked_to_delete(id); });
}

// Each living stack is wanted by an instance, and no instance has two.
void check_stacks(std::span<const Site> sites, const AwsAccount& account,
                  std::vector<std::string>& violations) {
  std::map<std::string, const Stack*> seen;
  for (const auto& [stack_id, stack] : account.all_stacks()) {
    if (stack->is_deleted()) continue;
    const std::string id = tag_of(stack->state->tags, broker::instance_tag);
    if (id.empty()) continue;
    const auto [first, is_first] = seen.try_emplace(id, stack.get());
    if (!is_first)
      violations.push_back("an instance has two stacks: " + describe_stack(*stack) + ", " +
                           describe_stack(*first->second));
    if (!has_id(sites, id) && !may_stay(sites, id))
      violations.push_back("a stack is left of an instance that is gone: " + describe_stack(*stack) + " of " +
                           id);
  }
}

bool is_changed(const std::string& id, const AwsAccount& account, const Excuses& excuses) {
  return std::ranges::any_of(excuses.changed_stacks, [&](const std::string& stack_id) {
    const auto stack = account.all_stacks().find(stack_id);
    return stack != account.all_stacks().end() &&
           tag_of(stack->second->state->tags, broker::instance_tag) == id;
  });
}

void check_ready_instance(const json::object& instance, AwsAccount& account, const Excuses& excuses,
                          std::vector<std::string>& violations) {
  const std::string id = external_id(instance);
  if (is_changed(id, account, excuses)) return;
  const auto of_instance = [&](const auto& entry) {
    return !entry.second->is_deleted() && tag_of(entry.second->state->tags, broker::instance_tag) == id;
  };
  const auto found = std::ranges::find_if(account.all_stacks(), of_instance);
  if (found == account.all_stacks().end()) {
    violations.push_back("an instance is Ready and has no stack: " + describe(instance));
    return;
  }
  const Stack& stack = *found->second;
  if (!has_ended_well(stack.status)) {
    violations.push_back("an instance is Ready and its stack is not: " + describe(instance) + ", " +
                         describe_stack(stack));
    return;
  }
  const json::object* parameters = core::find_object(instance, {"spec", "parameters"});
  if (parameters == nullptr) return;
  for (const json::key_value_pair& wanted : *parameters) {
    const auto given = stack.state->given.find(std::string(wanted.key()));
    const std::string text = wanted.value().is_string() ? std::string(wanted.value().get_string())
                                                        : json::serialize(wanted.value());
    if (given == stack.state->given.end() || given->second != text)
      violations.push_back("an instance is Ready and its stack has another parameter: " + describe(instance) +
                           ", " + std::string(wanted.key()) + " is " +
                           (given == stack.state->given.end() ? "missing" : given->second) + ", not " + text);
  }
  const std::string plan(core::find_string(instance, {"spec", "clusterServicePlanExternalName"}));
  constexpr std::array<std::array<const char*, 3>, 6> plans{{{"small", "MaximumMessageSize", "1024"},
                                                             {"large", "MaximumMessageSize", "262144"},
                                                             {"plain", "Keep", "no"},
                                                             {"kept", "Keep", "yes"},
                                                             {"standard", "Class", "db.t3.micro"},
                                                             {"fast", "Class", "db.m5.large"}}};
  for (const auto& [name, parameter, value] : plans) {
    if (plan != name) continue;
    const auto given = stack.state->given.find(parameter);
    if (given != stack.state->given.end() && given->second == value) continue;
    violations.push_back("an instance is Ready and its stack has another plan: " + describe(instance) + ", " +
                         parameter + " is " +
                         (given == stack.state->given.end() ? "missing" : given->second));
  }
}

std::string secret_value(const json::object& secret, const char* key) {
  const auto decoded = core::base64_decode(core::find_string(secret, {"data", key}));
  return decoded ? *decoded : std::string();
}

// Of the simulated classes all but one give keys.
bool gives_keys(const json::object& binding, const Cluster& cluster) {
  const std::string_view instance = core::find_string(binding, {"spec", "instanceRef", "name"});
  return std::ranges::any_of(cluster.instances, [&](const json::object& each) {
    return kube::namespace_of(each) == kube::namespace_of(binding) && kube::name_of(each) == instance &&
           core::find_string(each, {"spec", "clusterServiceClassExternalName"}) != "database";
  });
}

// The Secret opens what it names.
void check_ready_binding(const json::object& binding, const Cluster& cluster, AwsAccount& account,
                         const Excuses& excuses, std::vector<std::string>& violations) {
  const kube::ObjectKey key{std::string(kube::namespace_of(binding)),
                            std::string(core::find_string(binding, {"spec", "secretName"}))};
  const auto secret = cluster.secrets.find(key);
  if (secret == cluster.secrets.end()) {
    violations.push_back("a binding is Ready and has no Secret: " + describe(binding));
    return;
  }
  const json::object* data = core::find_object(secret->second, {"data"});
  if (data == nullptr) {
    violations.push_back("a binding is Ready and its Secret is empty: " + describe(binding));
    return;
  }
  std::string key_id, secret_key;
  for (const json::key_value_pair& entry : *data) {
    const std::string name(entry.key());
    if (name.ends_with("KEY_ID")) key_id = secret_value(secret->second, name.c_str());
    if (name.ends_with("SECRET_ACCESS_KEY")) secret_key = secret_value(secret->second, name.c_str());
  }
  if (key_id.empty() && gives_keys(binding, cluster))
    violations.push_back("a binding is Ready and its Secret has no key: " + describe(binding));
  if (key_id.empty() || excuses.set_back.contains(external_id(binding))) return;
  const auto user = account.opens(key_id, secret_key);
  if (!user) {
    violations.push_back("a binding is Ready and its key opens nothing: " + describe(binding) + ", key " +
                         key_id);
    return;
  }
  const auto found = account.iam().users().find(*user);
  if (found == account.iam().users().end() ||
      core::to_text(binding).find(tag_of(found->second.tags, broker::binding_tag)) == std::string::npos)
    violations.push_back("a binding is Ready with the key of another: " + describe(binding) + ", user " +
                         *user);
}

// A key that a late or doubled request has made, and of which nobody was told, opens the account to nobody,
// and goes with its user.
void check_users(std::span<const Site> sites, AwsAccount& account, const std::set<std::string>& told,
                 std::vector<std::string>& violations) {
  for (const auto& [name, user] : account.iam().users()) {
    const std::string id = tag_of(user.tags, broker::binding_tag);
    if (id.empty()) continue;
    if (!names_id(sites, id) && !may_stay(sites, id) &&
        !may_stay(sites, tag_of(user.tags, broker::instance_tag)))
      violations.push_back("an IAM user is left of a binding that is gone: " + name + " of " + id);
    const auto was_told = [&](const std::string& key) {
      const auto found = account.iam().keys().find(key);
      return found != account.iam().keys().end() && told.contains(found->second.secret);
    };
    if (std::ranges::count_if(user.keys, was_told) > 1)
      violations.push_back("an IAM user has a key that nobody uses: " + name);
  }
}

void check_data(std::span<const Site> sites, AwsAccount& account, const Excuses& excuses,
                std::vector<std::string>& violations) {
  for (const Thing* thing : account.journal().destroyed_data()) {
    if (thing->cause == Cause::creation_rolled_back || thing->cause == Cause::outside) continue;
    if (excuses.changed_stacks.contains(thing->stack_id)) continue;
    const auto stack = account.all_stacks().find(thing->stack_id);
    const std::string id = stack == account.all_stacks().end()
                               ? std::string()
                               : tag_of(stack->second->state->tags, broker::instance_tag);
    const auto ready = excuses.once_ready.find(id);
    if (asked_to_delete(sites, id) || ready == excuses.once_ready.end() || thing->ended < ready->second)
      continue;
    violations.push_back("data was destroyed that nobody asked to destroy: " + thing->type + " " +
                         thing->physical_id + " of instance " + id + ", " + to_string(thing->cause) +
                         ", by " + thing->ended_by);
  }
}

}  // namespace

void check_account(std::span<const Site> sites, AwsAccount& account, const Excuses& excuses,
                   const std::set<std::string>& told, std::vector<std::string>& violations) {
  account.settle();
  check_stacks(sites, account, violations);
  check_users(sites, account, told, violations);
  for (const Site& site : sites) {
    for (const json::object& instance : site.cluster.instances) {
      // What is paused is Ready as it was.
      if (is_ready(instance) && !kube::is_being_deleted(instance) &&
          !catalog::is_annotated(instance, catalog::annotations::pause) &&
          !excuses.set_back.contains(external_id(instance)))
        check_ready_instance(instance, account, excuses, violations);
    }
    for (const json::object& binding : site.cluster.bindings) {
      if (is_ready(binding) && !kube::is_being_deleted(binding))
        check_ready_binding(binding, site.cluster, account, excuses, violations);
    }
  }
  check_data(sites, account, excuses, violations);
  for (const std::string& violation : account.journal().violations)
    violations.push_back("AWS would not understand a request: " + violation);
}

}  // namespace simulation
