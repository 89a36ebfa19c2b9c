// Keys of other accounts. Only the administrator gives them: by the overrides of aws_access_key and
// aws_secret_key, both for the same cluster, namespace and class. Pure.
//
// A record has the keys' id, never their secret: that is looked up among the overrides. Where the id is not
// there any more the keys were rotated, and those that the instance's cluster, namespace and class have now
// are taken.
#pragma once

#include <map>
#include <string>

#include "broker/cloud/placement.hpp"
#include "broker/parameters.hpp"
#include "broker/records.hpp"

namespace broker {

struct AccessKeySecret {
  std::string secret;
  std::string given_by;  // the override's name, for people
};
using AccessKeys = std::map<std::string, AccessKeySecret, std::less<>>;  // by the keys' ids

// Error: invalid, naming the override that is missing or empty, or that gives a second secret for an id.
[[nodiscard]] core::Result<AccessKeys> access_keys(const Overrides& overrides);

// Where the broker works for the instance now.
[[nodiscard]] Placement placement_of(const InstanceRecord& record, const Overrides& overrides);

// Error: internal (the keys of the place are lost), saying what the operator has to give. It is no refusal by
// AWS: what was intended stays intended.
[[nodiscard]] core::Result<> check_keys(const Placement& place);

}  // namespace broker
