// Ids and names that are derived, never drawn: the same inputs give the same ids on every start and in every
// replica.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/uuid.hpp"

namespace broker {

class Ids {
 public:
  // Error: invalid (the broker id has other characters than letters and digits).
  [[nodiscard]] static core::Result<Ids> make(std::string_view account_id, std::string_view broker_id);

  [[nodiscard]] const core::Uuid& account() const { return account_; }
  [[nodiscard]] std::string class_id(std::string_view class_name) const;
  [[nodiscard]] std::string plan_id(std::string_view class_name, std::string_view plan_name) const;

 private:
  explicit Ids(core::Uuid account) : account_(account) {}
  core::Uuid account_;
};

// "aws-service-broker-<class>-<instance id>" in CloudFormation's alphabet, at most 128 characters, as the Go
// broker made it. Two ids may give one name: whose a stack is, its tags say.
[[nodiscard]] std::string stack_name(std::string_view class_name, std::string_view instance_id);

// The IAM user of one binding: in IAM's alphabet, at most 64 characters. IAM takes names that differ by case
// for one; an id with capital letters, or one that would be cut or changed, gets its digest, so that two
// bindings never share a user.
[[nodiscard]] std::string binding_user_name(std::string_view binding_id);
// The names that users of that binding may have where no record tells: that one, and the one that earlier
// versions made.
[[nodiscard]] std::vector<std::string> possible_binding_user_names(std::string_view binding_id);

// CloudFormation's ClientRequestToken ([a-zA-Z0-9-], at most 128 characters) of one act on one instance.
[[nodiscard]] std::string request_token(std::string_view act, std::string_view instance_id);

}  // namespace broker
