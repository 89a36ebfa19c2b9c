// Random bytes and numbers, from the system's generator unless a program runs under a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace core {

// Cryptographically random bytes, as raw bytes and as lower-case hex (2 characters a byte).
[[nodiscard]] std::string random_bytes(std::size_t count);
[[nodiscard]] std::string random_hex(std::size_t byte_count);

// A number in [0, 1), for jitter: not fit for secrets.
[[nodiscard]] double random_share();

// Fills all bytes that it is given.
using RandomSource = std::function<void(std::span<std::uint8_t>)>;

// Takes the place of the system's generator for the whole process. Only the simulation may call it, before
// anything else runs: what a seed decides is no secret.
void use_random_source(RandomSource source);
// A supply drawn in advance would outlive a change of the source.
[[nodiscard]] bool has_random_source();

}  // namespace core
