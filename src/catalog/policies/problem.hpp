// Why something cannot go on: a condition's reason and message.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace catalog {

struct Problem {
  std::string reason;
  std::string message;  // a sentence for people; never a secret

  Problem(std::string_view why, std::string text) : reason(why), message(std::move(text)) {}
};

}  // namespace catalog
