// What the broker remembers of an instance and of a binding. A record is written before the act it tells of:
// it is the intent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/instance_origin.hpp"
#include "core/error.hpp"
#include "core/json.hpp"

namespace broker {

enum class InstancePhase {
  creating,  // the stack is to be made, or is being made
  ready,
  updating,  // `update` says to what
  failed,    // creation failed; only a delete can follow
  deleting,
};

// What an update is to make of the instance. Until CloudFormation says that it has, the record's own fields
// are the truth.
struct PendingUpdate {
  std::string operation;  // "update-3", for the platform and CloudFormation's token
  std::string fingerprint;
  std::string plan_id;
  std::string template_digest;
  boost::json::object parameters;   // all that the user has given, sealed as the record's
  boost::json::object stack_input;  // as the record's
  bool accepted = false;            // CloudFormation has taken UpdateStack
  bool rollback_continued =
      false;                 // an earlier update's rollback, which has to end first, was taken up again
  std::string last_updated;  // the stack's LastUpdatedTime before it
  bool is_adoption = false;  // it only gives the stack the tags of the instance's new owner
};

struct UpdateOutcome {
  std::string operation;
  std::string failure;  // "" where it succeeded
  bool usable = true;
  bool is_adoption = false;
};

// A request's body has 1 MiB; parameters stand in a record up to four times, and deeper than in the request.
inline constexpr core::JsonLimits record_limits{.max_bytes = 16UL * 1024 * 1024, .max_depth = 128};
[[nodiscard]] core::Error unreadable_record(const std::string& id, const std::string& why);

struct InstanceRecord {
  std::string id;
  std::string service_id, plan_id;
  std::string class_name;
  std::string fingerprint;  // SHA-256 of what was asked for; a repeated request must have the same
  InstancePhase phase = InstancePhase::creating;
  std::string stack_name;
  std::string stack_id;     // "" until CloudFormation has told it
  std::string region;       // "" for the broker's own
  std::string role_arn;     // of another account; "" for none
  std::string external_id;  // that the role asks for
  std::string
      access_key_id;  // of the keys of another account; "" for none. Their secret is nowhere in a record
  std::string template_digest;
  boost::json::object parameters;  // as the user gave them; values that must not be read are sealed
  boost::json::object
      stack_input;           // {"parameters": {…}, "tags": {…}}: what a crash between intent and act needs
  std::string failure;       // why creation or deletion failed
  std::string begun;         // when the last operation was, RFC 3339
  std::int64_t updates = 0;  // that were ever begun
  std::optional<PendingUpdate> update;
  std::vector<UpdateOutcome> past_updates;  // the last few, the newest last
  std::optional<InstanceOrigin> origin;     // nullopt in records of before there was this
  // All that the instance has had or was to get: a platform that has missed the end of an update may name any
  // of them. Empty in records of before there was this.
  std::vector<std::string> plan_ids;
  bool adopted = false;           // its stack was found, not made, by the provision that wrote the record
  bool stack_was_absent = false;  // when the intent was written: a stack that is there was made for it
  std::int64_t version = 0;       // of the stored record; every write needs the version it was read with
  bool readable =
      true;  // false: only its id is known. Lists show it, so that nothing is concluded from its absence
};

enum class BindingPhase {
  creating,
  ready,
  failed,   // what was begun in the background has failed; the same request may begin it anew
  expired,  // its credentials were revoked because its time is over
  deleting,
};

struct BindingRecord {
  std::string id;
  std::string instance_id;
  std::string service_id, plan_id;
  std::string fingerprint;
  BindingPhase phase = BindingPhase::creating;
  std::string user_name;      // the binding's own IAM user; "" where it has none
  std::string access_key_id;  // of that user
  std::string sealed_secret_key;
  std::string sealed_credentials;            // that a function made
  std::string policy_arn, role_name, scope;  // of a bind with RoleName
  std::string predecessor_id;                // of a rotation
  std::string expires_at, renew_before;      // as metadata has them; "" for a binding without an end
  std::string operation;                     // "bind" or "unbind" while a platform polls for it; "" for none
  std::string begun;                         // when the operation was, RFC 3339
  std::string failure;                       // why the operation failed
  boost::json::object parameters;
  std::int64_t version = 0;
  bool readable = true;  // false: only its id and its instance are known (see InstanceRecord)
};

[[nodiscard]] std::string_view to_string(InstancePhase phase);
[[nodiscard]] std::string_view to_string(BindingPhase phase);

// For stores. Unknown phases of a newer version read as `failed` / `deleting`: only a delete may follow.
[[nodiscard]] boost::json::object to_json(const InstanceRecord& record);
[[nodiscard]] InstanceRecord instance_from_json(const boost::json::object& object);
[[nodiscard]] boost::json::object to_json(const BindingRecord& record);
[[nodiscard]] BindingRecord binding_from_json(const boost::json::object& object);

}  // namespace broker
