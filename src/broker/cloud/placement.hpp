// Where the broker works for an instance.
#pragma once

#include <compare>
#include <string>

namespace broker {

struct Placement {
  std::string region;       // "" for the broker's own
  std::string role_arn;     // taken there; "" for none
  std::string external_id;  // that the role asks for; "" for none
  // Of keys that an override gives: by them, instead of the broker's own identity, the role is taken or,
  // without one, all is done. "" for none.
  std::string access_key_id;
  // That they have to be of, where they have taken the place of the instance's own: in another account its
  // stack would seem to be gone. "" for none.
  std::string account_of_keys;
  // The beginning of the overrides' names that have to give those keys and do not: every call fails. "": all
  // is well.
  std::string lost_keys;

  auto operator<=>(const Placement&) const = default;
};

}  // namespace broker
