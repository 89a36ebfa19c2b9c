// Regular expressions of schemas, by RE2: time is linear in the text, whatever a broker's pattern and a
// user's value are, and nothing recurses. Syntax: https://github.com/google/re2/wiki/Syntax (what Kubernetes
// takes for CRDs); of ECMA 262, which JSON Schema names, look-around and back references are missing.
#pragma once

#include <memory>
#include <string_view>

#include "core/error.hpp"

namespace re2 {
class RE2;
}

namespace core {

class Pattern {
 public:
  // Error: invalid, with RE2's reason; also for patterns of more than 1,024 characters or 1 MB when compiled.
  [[nodiscard]] static Result<Pattern> compile(std::string_view text);
  // Anywhere in the text, unless the pattern is anchored.
  [[nodiscard]] bool is_found_in(std::string_view text) const;
  // How many instructions it has when compiled: a search takes at most so many steps for each byte of the
  // text.
  [[nodiscard]] std::size_t size() const;

 private:
  explicit Pattern(std::shared_ptr<const re2::RE2> expression) : expression_(std::move(expression)) {}
  std::shared_ptr<const re2::RE2> expression_;
};

}  // namespace core
