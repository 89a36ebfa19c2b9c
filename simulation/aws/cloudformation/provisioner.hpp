// What CloudFormation makes, changes and deletes for a resource in the account. Users, keys, roles,
// parameters, secrets, buckets, tables and functions are really there; of everything else the journal knows
// that it is.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "simulation/aws/buckets.hpp"
#include "simulation/aws/dynamodb/tables.hpp"
#include "simulation/aws/functions.hpp"
#include "simulation/aws/iam.hpp"
#include "simulation/aws/secrets.hpp"
#include "simulation/aws/ssm.hpp"

namespace simulation {

struct StackResource {
  std::string logical_id, type, physical_id;  // physical_id "": nothing was made
  std::string status, reason;
  core::SystemTime changed;
  core::json::object properties;  // resolved, with dynamic references as they were written
  core::json::object attributes;  // that a custom resource answered
  std::string deletion_policy = "Delete", replace_policy = "Delete";
  std::set<std::string> depends_on;
  std::uint64_t lineage = 0;  // of Journal::things
};

struct Services {
  IamService& iam;
  SsmService& ssm;
  SecretService& secrets;
  BucketService& buckets;
  TableService& tables;
  FunctionService& functions;
};

// For whom a resource is made.
struct Owner {
  std::string stack_id, stack_name;
  Tags tags;
  std::string by;  // "CreateStack by AKIA… (token …)"
};

class Provisioner {
 public:
  Provisioner(World& world, Services services) : world_(world), services_(services) {}

  // Makes it: sets the resource's physical id, attributes and lineage. `live`: its properties with dynamic
  // references resolved. Failures: with the service's own message.
  [[nodiscard]] Answer<> create(StackResource& resource, const Owner& owner, const core::json::object& live);
  [[nodiscard]] Answer<> update(StackResource& resource, const Owner& owner, const core::json::object& live);
  // What is not there any more is deleted.
  [[nodiscard]] Answer<> remove(const StackResource& resource, const Owner& owner);
  // Records in the journal what became of it: destroyed, retained, or kept as a snapshot.
  void note_end(const StackResource& resource, const std::string& by, Fate fate, Cause cause);
  // Someone deletes it with its data, and tells no stack. false: it is not there.
  bool destroy_outside(const std::string& type, const std::string& physical_id);
  [[nodiscard]] bool exists(const StackResource& resource) const;

  [[nodiscard]] core::json::value reference(const StackResource& resource) const;
  [[nodiscard]] Answer<core::json::value> attribute(const StackResource& resource, const std::string& name);
  // {{resolve:…}} as CloudFormation reads it when it makes the resource.
  [[nodiscard]] Answer<core::json::object> with_secrets(const core::json::object& properties);

  // What answers a custom resource's requests ("Create", "Update", "Delete"), chosen by its logical id or
  // type: its attributes. Without it there are the functions that the broker's templates bring, and one that
  // does nothing.
  using CustomCode = std::function<Answer<core::json::object>(const std::string& request_type,
                                                              StackResource& resource, const Owner& owner)>;
  void set_custom_code(const std::string& type_or_logical_id, CustomCode code) {
    custom_codes_[type_or_logical_id] = std::move(code);
  }

 private:
  [[nodiscard]] Answer<> make(StackResource& resource, const Owner& owner, const core::json::object& live);
  [[nodiscard]] Answer<> unmake(const StackResource& resource, const Owner& owner, bool by_force);
  [[nodiscard]] Answer<> apply(StackResource& resource, const Owner& owner, const core::json::object& live,
                               const core::json::object* before);
  [[nodiscard]] Answer<> run_custom(const std::string& request_type, StackResource& resource,
                                    const Owner& owner);
  [[nodiscard]] std::string new_name(const StackResource& resource, const Owner& owner,
                                     const core::json::object& live);
  [[nodiscard]] Answer<core::json::value> live_text(const std::string& text);
  [[nodiscard]] Answer<std::string> dynamic_value(const std::string& reference);
  [[nodiscard]] Answer<core::json::value> live_value(const core::json::value& value);

  World& world_;
  Services services_;
  std::set<std::pair<std::string, std::string>>
      others_;  // type and physical id of what only the journal knows
  std::map<std::string, CustomCode> custom_codes_;
};

}  // namespace simulation
