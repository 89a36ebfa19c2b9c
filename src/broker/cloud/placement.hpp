// Where the broker works for an instance.
#pragma once

#include <compare>
#include <string>

namespace broker {

struct Placement {
  std::string region;       // "" for the broker's own
  std::string role_arn;     // taken there; "" for the broker's own identity
  std::string external_id;  // that the role asks for; "" for none

  auto operator<=>(const Placement&) const = default;
};

}  // namespace broker
