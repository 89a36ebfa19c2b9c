// UUIDs (RFC 4122): random ones, and name-based ones (version 5), which the broker's class and plan ids are.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace core {

class Uuid {
 public:
  Uuid() = default;  // the nil UUID
  [[nodiscard]] static Uuid random();
  [[nodiscard]] static Uuid from_name(const Uuid& name_space, std::string_view name);  // version 5
  [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);

  [[nodiscard]] std::string to_string() const;  // 36 characters, lower case
  friend bool operator==(const Uuid&, const Uuid&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace core
