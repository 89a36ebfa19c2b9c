#include "simulation/aws/iam.hpp"

#include <algorithm>

#include "core/hash.hpp"

namespace simulation {

namespace {

// One statement, or a list of at least one.
bool has_statement(const core::json::value& policy) {
  const core::json::value* statement = core::find(policy, {"Statement"});
  if (statement == nullptr) return false;
  return statement->is_object() || (statement->is_array() && !statement->get_array().empty());
}

constexpr std::size_t most_keys_of_user = 2;
constexpr std::size_t most_tags = 50;

bool is_name(std::string_view name, std::size_t longest) {
  return !name.empty() && name.size() <= longest && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("+=,.@_-").contains(static_cast<char>(c));
  });
}

std::unexpected<Failure> no_user(const std::string& name) {
  return refuse("NoSuchEntity", "The user with name " + name + " cannot be found.", 404);
}

Tags form_tags(const Form& form) {
  Tags tags;
  for (const std::string& tag : form.members("Tags")) tags[form.get(tag + "Key")] = form.get(tag + "Value");
  return tags;
}

std::string list_of(std::string_view name, const auto& values, const auto& add) {
  std::string xml = "<" + std::string(name) + ">";
  for (const auto& value : values) {
    xml += "<member>";
    add(xml, value);
    xml += "</member>";
  }
  return xml + "</" + std::string(name) + "><IsTruncated>false</IsTruncated>";
}

std::string name_of_policy(const std::string& arn) {
  return arn.substr(arn.rfind('/') + 1);
}

}  // namespace

std::optional<std::string> IamService::opens(const std::string& key_id, const std::string& secret) const {
  const auto found = keys_.find(key_id);
  if (found == keys_.end() || found->second.secret != secret) return std::nullopt;
  return found->second.user;
}

IamUser* IamService::find_user(const std::string& name) {
  const auto found = users_.find(name);
  return found == users_.end() ? nullptr : &found->second;
}
IamRole* IamService::find_role(const std::string& name) {
  const auto found = roles_.find(name);
  return found == roles_.end() ? nullptr : &found->second;
}

Answer<IamUser*> IamService::create_user(const std::string& name, const std::string& path, Tags tags,
                                         const std::string& by) {
  if (!is_name(name, 64))
    return refuse("ValidationError",
                  "The specified value for userName is invalid. It must contain only "
                  "alphanumeric characters and/or the following: +=,.@_-");
  if (!path.starts_with('/') || !path.ends_with('/'))
    return refuse("ValidationError", "The specified value for path is invalid. It must begin and end with /");
  if (tags.size() > most_tags) return refuse("LimitExceeded", "Cannot exceed quota for TagsPerUser: 50", 409);
  if (users_.contains(name))
    return refuse("EntityAlreadyExists", "User with name " + name + " already exists.", 409);
  if (const auto gone = gone_.find(name); gone != gone_.end() && gone->second > world_.now())
    return refuse("EntityTemporarilyUnmodifiable",
                  "The user " + name + " is being deleted. Wait a few minutes and submit your request again.",
                  409);
  IamUser user{.name = name,
               .path = path,
               .arn = world_.arn("iam", "user" + path + name, false),
               .id = "AIDA" + world_.upper_alphanumeric(17),
               .tags = std::move(tags),
               .policies = {},
               .attached = {},
               .keys = {},
               .made = world_.now(),
               .made_by = by,
               .seen_from = world_.now() + world_.share_of(world_.settings.iam_delay)};
  return &users_.emplace(name, std::move(user)).first->second;
}

Answer<> IamService::delete_user(const std::string& name) {
  const IamUser* user = find_user(name);
  if (user == nullptr) return no_user(name);
  if (!user->keys.empty())
    return refuse("DeleteConflict", "Cannot delete entity, must delete access keys first.", 409);
  if (!user->policies.empty())
    return refuse("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
  if (!user->attached.empty())
    return refuse("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409);
  users_.erase(name);
  if (world_.settings.iam_delay.count() > 0)
    gone_[name] = world_.now() + world_.share_of(world_.settings.iam_delay);
  return Reply{};
}

Answer<IamKey> IamService::create_key(const std::string& name, const std::string& by) {
  IamUser* user = find_user(name);
  if (user == nullptr) return no_user(name);
  if (user->keys.size() >= most_keys_of_user)
    return refuse("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", 409);
  IamKey key{.id = "AKIA" + world_.upper_alphanumeric(16),
             .secret = world_.alphanumeric(40),
             .user = name,
             .made = world_.now(),
             .made_by = by};
  user->keys.push_back(key.id);
  keys_[key.id] = key;
  return key;
}

Answer<> IamService::delete_key(const std::string& name, const std::string& key_id) {
  IamUser* user = find_user(name);
  if (user == nullptr) return no_user(name);
  if (std::erase(user->keys, key_id) == 0)
    return refuse("NoSuchEntity", "The Access Key with id " + key_id + " cannot be found.", 404);
  keys_.erase(key_id);
  return Reply{};
}

Answer<IamRole*> IamService::create_role(const std::string& name, const std::string& path, Tags tags) {
  if (!is_name(name, 64)) return refuse("ValidationError", "The specified value for roleName is invalid.");
  if (roles_.contains(name))
    return refuse("EntityAlreadyExists", "Role with name " + name + " already exists.", 409);
  IamRole role{.name = name,
               .path = path,
               .arn = world_.arn("iam", "role" + path + name, false),
               .id = "AROA" + world_.upper_alphanumeric(17),
               .tags = std::move(tags),
               .policies = {},
               .attached = {},
               .external_id = {},
               .trust = {}};
  return &roles_.emplace(name, std::move(role)).first->second;
}

Answer<> IamService::delete_role(const std::string& name) {
  const IamRole* role = find_role(name);
  if (role == nullptr) return refuse("NoSuchEntity", "The role with name " + name + " cannot be found.", 404);
  if (!role->policies.empty())
    return refuse("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
  if (!role->attached.empty())
    return refuse("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409);
  roles_.erase(name);
  return Reply{};
}

Answer<std::string> IamService::create_policy(const std::string& name, const std::string& path,
                                              std::string document) {
  std::string arn = world_.arn("iam", "policy" + path + name, false);
  if (!policies_.emplace(arn, std::move(document)).second)
    return refuse("EntityAlreadyExists",
                  "A policy called " + name + " already exists. Duplicate names are not allowed.", 409);
  return arn;
}

Answer<> IamService::delete_policy(const std::string& arn) {
  const auto has = [&arn](const auto& entry) { return entry.second.attached.contains(arn); };
  if (!policies_.contains(arn))
    return refuse("NoSuchEntity", "Policy " + arn + " does not exist or is not attachable.", 404);
  if (std::ranges::any_of(users_, has) || std::ranges::any_of(roles_, has))
    return refuse("DeleteConflict", "Cannot delete a policy attached to entities.", 409);
  policies_.erase(arn);
  return Reply{};
}

Answer<IamUser*> IamService::user_of(const Call& call, bool is_read) {
  const std::string& name = call.form.get("UserName");
  IamUser* user = find_user(name);
  if (user == nullptr || (is_read && user->seen_from > world_.now())) return no_user(name);
  return user;
}

Answer<IamRole*> IamService::role_of(const Call& call) {
  const std::string& name = call.form.get("RoleName");
  IamRole* role = find_role(name);
  if (role == nullptr) return refuse("NoSuchEntity", "The role with name " + name + " cannot be found.", 404);
  return role;
}

Answer<> IamService::attach(const Call& call, std::set<std::string>& attached, const std::string& of) {
  const std::string& arn = call.form.get("PolicyArn");
  if (call.action.starts_with("Attach")) {
    // Policies of AWS are there in any case.
    if (!policies_.contains(arn) && !arn.starts_with("arn:aws:iam::aws:policy/"))
      return refuse("NoSuchEntity", "Policy " + arn + " does not exist or is not attachable.", 404);
    constexpr std::size_t most_attached = 10;
    if (!attached.contains(arn) && attached.size() >= most_attached)
      return refuse("LimitExceeded", "Cannot exceed quota for Policies attached: 10", 409);
    attached.insert(arn);
    return Reply{};
  }
  if (attached.erase(arn) == 0)
    return refuse("NoSuchEntity", "Policy " + arn + " was not found attached to " + of + ".", 404);
  return Reply{};
}

Answer<> IamService::simulate(const Call& call) const {
  const auto add = [&call](std::string& xml, const std::string& action) {
    add_element(xml, "EvalActionName", action);
    add_element(xml, "EvalResourceName", call.form.get("ResourceArns.member.1"));
    add_element(xml, "EvalDecision", "allowed");
  };
  return Reply{.body = list_of("EvaluationResults", call.form.list("ActionNames"), add)};
}

Answer<> IamService::handle(const Call& call) {
  const std::string& action = call.action;
  if (action == "SimulatePrincipalPolicy") return simulate(call);
  if (action == "AttachRolePolicy" || action == "DetachRolePolicy" || action == "ListAttachedRolePolicies" ||
      action == "GetRole") {
    const auto role = role_of(call);
    if (!role) return std::unexpected(role.error());
    if (action == "GetRole") {
      Reply reply{.body = "<Role>"};
      add_element(reply.body, "RoleName", (*role)->name);
      add_element(reply.body, "Path", (*role)->path);
      add_element(reply.body, "RoleId", (*role)->id);
      add_element(reply.body, "Arn", (*role)->arn);
      add_element(reply.body, "AssumeRolePolicyDocument", core::percent_encode((*role)->trust));
      reply.body += "</Role>";
      return reply;
    }
    if (action != "ListAttachedRolePolicies") return attach(call, (*role)->attached, "role " + (*role)->name);
    return Reply{
        .body = list_of("AttachedPolicies", (*role)->attached, [](std::string& xml, const std::string& arn) {
          add_element(xml, "PolicyName", name_of_policy(arn));
          add_element(xml, "PolicyArn", arn);
        })};
  }
  return of_user(call);
}

Answer<> IamService::of_user(const Call& call) {
  const std::string& action = call.action;
  const std::string& name = call.form.get("UserName");
  if (action == "CreateUser") {
    const std::string& path = call.form.get("Path");
    const auto made = create_user(name, path.empty() ? "/" : path, form_tags(call.form), call.caller.key_id);
    if (!made) return std::unexpected(made.error());
    Reply reply{.body = "<User>"};
    add_element(reply.body, "Path", (*made)->path);
    add_element(reply.body, "UserName", (*made)->name);
    add_element(reply.body, "UserId", (*made)->id);
    add_element(reply.body, "Arn", (*made)->arn);
    add_element(reply.body, "CreateDate", xml_time((*made)->made));
    reply.body += "</User>";
    return reply;
  }
  if (action == "DeleteUser") return delete_user(name);
  const bool is_read = action.starts_with("List") || action.starts_with("Get");
  const auto found = user_of(call, is_read);
  if (!found) return std::unexpected(found.error());
  IamUser& user = **found;
  const std::string& policy = call.form.get("PolicyName");
  if (action == "GetUser") {
    Reply reply{.body = "<User>"};
    add_element(reply.body, "Path", user.path);
    add_element(reply.body, "UserName", user.name);
    add_element(reply.body, "UserId", user.id);
    add_element(reply.body, "Arn", user.arn);
    add_element(reply.body, "CreateDate", xml_time(user.made));
    reply.body += "</User>";
    return reply;
  }
  if (action == "TagUser") {
    for (const auto& [key, value] : form_tags(call.form)) user.tags[key] = value;
    return Reply{};
  }
  if (action == "ListUserTags") {
    return Reply{.body = list_of("Tags", user.tags, [](std::string& xml, const auto& tag) {
                   add_element(xml, "Key", tag.first);
                   add_element(xml, "Value", tag.second);
                 })};
  }
  if (action == "PutUserPolicy") {
    const std::string& document = call.form.get("PolicyDocument");
    const auto parsed = core::parse_json(document);
    if (!parsed || !parsed->is_object() || !has_statement(*parsed))
      return refuse("MalformedPolicyDocument", "Syntax errors in policy.");
    constexpr std::size_t most_bytes = 2'048;
    std::size_t total = document.size();
    for (const auto& [other, text] : user.policies) total += other == policy ? 0 : text.size();
    if (total > most_bytes)
      return refuse("LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user " + name, 409);
    user.policies[policy] = document;
    return Reply{};
  }
  if (action == "DeleteUserPolicy" || action == "GetUserPolicy") {
    const auto held = user.policies.find(policy);
    if (held == user.policies.end())
      return refuse("NoSuchEntity", "The user policy with name " + policy + " cannot be found.", 404);
    Reply reply;
    if (action == "GetUserPolicy") {
      add_element(reply.body, "UserName", name);
      add_element(reply.body, "PolicyName", policy);
      add_element(reply.body, "PolicyDocument", core::percent_encode(held->second));
    } else {
      user.policies.erase(held);
    }
    return reply;
  }
  if (action == "ListUserPolicies") {
    return Reply{.body = list_of("PolicyNames", user.policies,
                                 [](std::string& xml, const auto& each) { add_escaped(xml, each.first); })};
  }
  if (action == "ListAttachedUserPolicies") {
    return Reply{.body =
                     list_of("AttachedPolicies", user.attached, [](std::string& xml, const std::string& arn) {
                       add_element(xml, "PolicyName", name_of_policy(arn));
                       add_element(xml, "PolicyArn", arn);
                     })};
  }
  if (action == "AttachUserPolicy" || action == "DetachUserPolicy")
    return attach(call, user.attached, "user " + name);
  if (action == "CreateAccessKey") {
    const auto key = create_key(name, call.caller.key_id);
    if (!key) return std::unexpected(key.error());
    Reply reply{.body = "<AccessKey>"};
    add_element(reply.body, "UserName", name);
    add_element(reply.body, "AccessKeyId", key->id);
    add_element(reply.body, "Status", "Active");
    add_element(reply.body, "SecretAccessKey", key->secret);
    add_element(reply.body, "CreateDate", xml_time(key->made));
    reply.body += "</AccessKey>";
    return reply;
  }
  if (action == "ListAccessKeys") {
    return Reply{.body =
                     list_of("AccessKeyMetadata", user.keys, [&](std::string& xml, const std::string& id) {
                       add_element(xml, "UserName", name);
                       add_element(xml, "AccessKeyId", id);
                       add_element(xml, "Status", "Active");
                       add_element(xml, "CreateDate", xml_time(keys_.at(id).made));
                     })};
  }
  if (action == "DeleteAccessKey") return delete_key(name, call.form.get("AccessKeyId"));
  return refuse("InvalidAction", "Could not find operation " + action + " for version 2010-05-08");
}

}  // namespace simulation
