// AWS access keys and where they came from.
#pragma once

#include <optional>
#include <string>

#include "core/time.hpp"

namespace aws {

struct Identity {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;                // "" for long-lived keys
  std::optional<core::SystemTime> expires;  // nullopt: never
  std::string source;                       // for people: "environment", "profile prod in ~/.aws/config"
};

}  // namespace aws
