#include "core/random.hpp"

#include <cstring>
#include <random>
#include <stdexcept>
#include <utility>

#include <openssl/rand.h>

#include "core/hash.hpp"

namespace core {

namespace {

RandomSource& chosen_source() {
  static RandomSource source;
  return source;
}

}  // namespace

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  auto* data = reinterpret_cast<unsigned char*>(bytes.data());
  if (const RandomSource& source = chosen_source()) {
    source({data, count});
  } else if (RAND_bytes(data, static_cast<int>(count)) != 1) {
    throw std::runtime_error("RAND_bytes failed");
  }
  return bytes;
}

std::string random_hex(std::size_t byte_count) {
  const std::string bytes = random_bytes(byte_count);
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

double random_share() {
  constexpr double one = 9007199254740992.0;  // 2^53: each share has a double of its own
  if (has_random_source()) {
    std::uint64_t drawn = 0;
    std::memcpy(&drawn, random_bytes(sizeof(drawn)).data(), sizeof(drawn));
    return static_cast<double>(drawn >> 11U) / one;
  }
  static thread_local std::mt19937_64 generator{std::random_device{}()};
  return static_cast<double>(generator() >> 11U) / one;
}

void use_random_source(RandomSource source) {
  chosen_source() = std::move(source);
}

bool has_random_source() {
  return static_cast<bool>(chosen_source());
}

}  // namespace core
