#include "core/uuid.hpp"

#include <algorithm>
#include <cstring>

#include "core/hash.hpp"
#include "core/random.hpp"

namespace core {

namespace {

constexpr std::array<std::size_t, 4> hyphen_positions{8, 13, 18, 23};

void set_version_and_variant(std::array<std::uint8_t, 16>& bytes, std::uint8_t version) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
}

std::optional<std::uint8_t> hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<std::uint8_t>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<std::uint8_t>(digit - 'a' + 10);
  if (digit >= 'A' && digit <= 'F') return static_cast<std::uint8_t>(digit - 'A' + 10);
  return std::nullopt;
}

}  // namespace

Uuid Uuid::random() {
  Uuid uuid;
  // Every request is given one: drawn from a supply, since each call of the generator costs its mixing.
  constexpr std::size_t supply_size = 64 * sizeof(uuid.bytes_);
  static thread_local std::string supply;
  if (has_random_source()) {
    supply = random_bytes(uuid.bytes_.size());
  } else if (supply.empty()) {
    supply = random_bytes(supply_size);
  }
  const std::size_t rest = supply.size() - uuid.bytes_.size();
  std::memcpy(uuid.bytes_.data(), supply.data() + rest, uuid.bytes_.size());
  supply.resize(rest);
  set_version_and_variant(uuid.bytes_, 4);
  return uuid;
}

Uuid Uuid::from_name(const Uuid& name_space, std::string_view name) {
  std::string input(reinterpret_cast<const char*>(name_space.bytes_.data()), name_space.bytes_.size());
  input += name;
  const Sha1 digest = sha1(input);
  Uuid uuid;
  std::copy_n(digest.begin(), uuid.bytes_.size(), uuid.bytes_.begin());
  set_version_and_variant(uuid.bytes_, 5);
  return uuid;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid uuid;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (std::ranges::find(hyphen_positions, i) != hyphen_positions.end()) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const auto value = hex_value(text[i]);
    if (!value) return std::nullopt;
    std::uint8_t& byte = uuid.bytes_[digits / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | *value);
    ++digits;
  }
  return uuid;
}

std::string Uuid::to_string() const {
  std::string text = to_hex(bytes_);
  for (const std::size_t position : hyphen_positions) text.insert(position, 1, '-');
  return text;
}

}  // namespace core
