// IAM: users with their keys and policies, roles, managed policies.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "simulation/aws/world.hpp"

namespace simulation {

using Tags = std::map<std::string, std::string>;

struct IamUser {
  std::string name, path, arn, id;
  Tags tags;
  std::map<std::string, std::string> policies;  // inline: name → document
  std::set<std::string> attached;               // ARNs
  std::vector<std::string> keys;                // ids, the oldest first
  core::SystemTime made;
  std::string made_by;           // access key id, or the stack's id
  core::SystemTime seen_from{};  // reads may miss it until then
};
struct IamKey {
  std::string id, secret, user;
  core::SystemTime made;
  std::string made_by;
};
struct IamRole {
  std::string name, path, arn, id;
  Tags tags;
  std::map<std::string, std::string> policies;
  std::set<std::string> attached;
  std::string external_id;  // that AssumeRole must give; "" for none
  std::string trust;        // the policy document
};

class IamService {
 public:
  explicit IamService(World& world) : world_(world) {}

  [[nodiscard]] Answer<> handle(const Call& call);

  [[nodiscard]] const auto& users() const { return users_; }
  [[nodiscard]] const auto& roles() const { return roles_; }
  [[nodiscard]] const auto& keys() const { return keys_; }
  [[nodiscard]] const auto& policies() const { return policies_; }
  // The user whom a key pair lets in, or nothing.
  [[nodiscard]] std::optional<std::string> opens(const std::string& key_id, const std::string& secret) const;

  // What stacks, functions and people do without a request. `by`: who.
  [[nodiscard]] Answer<IamUser*> create_user(const std::string& name, const std::string& path, Tags tags,
                                             const std::string& by);
  [[nodiscard]] Answer<> delete_user(const std::string& name);
  [[nodiscard]] Answer<IamKey> create_key(const std::string& user, const std::string& by);
  [[nodiscard]] Answer<> delete_key(const std::string& user, const std::string& key_id);
  [[nodiscard]] IamUser* find_user(const std::string& name);
  [[nodiscard]] Answer<IamRole*> create_role(const std::string& name, const std::string& path, Tags tags);
  [[nodiscard]] Answer<> delete_role(const std::string& name);
  [[nodiscard]] IamRole* find_role(const std::string& name);
  [[nodiscard]] Answer<std::string> create_policy(const std::string& name, const std::string& path,
                                                  std::string document);  // its ARN
  [[nodiscard]] Answer<> delete_policy(const std::string& arn);
  [[nodiscard]] std::map<std::string, std::string>& documents() { return policies_; }

 private:
  [[nodiscard]] Answer<IamUser*> user_of(const Call& call, bool is_read);
  [[nodiscard]] Answer<IamRole*> role_of(const Call& call);
  [[nodiscard]] Answer<> of_user(const Call& call);
  [[nodiscard]] Answer<> attach(const Call& call, std::set<std::string>& attached, const std::string& of);
  [[nodiscard]] Answer<> simulate(const Call& call) const;

  World& world_;
  std::map<std::string, core::SystemTime> gone_;  // users: from when their names are free
  std::map<std::string, IamUser> users_;
  std::map<std::string, IamRole> roles_;
  std::map<std::string, IamKey> keys_;
  std::map<std::string, std::string> policies_;  // ARN → document
};

}  // namespace simulation
