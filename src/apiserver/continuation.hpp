// Where a list goes on: the text in metadata.continue. Opaque for clients.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apiserver {

struct Continuation {
  std::int64_t revision = 0;  // that all pages are read at
  std::string after;          // the last key, without the collection's prefix

  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] static std::optional<Continuation> parse(std::string_view token);
};

}  // namespace apiserver
