// What a seed decides. The same seed gives the same numbers on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace simulation {

// splitmix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators").
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }
  // In [0, bound); 0 where bound is 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  // In [least, most].
  std::uint64_t between(std::uint64_t least, std::uint64_t most) { return least + below(most - least + 1); }
  double share() { return static_cast<double>(next() >> 11U) / 9007199254740992.0; }
  bool chance(double probability) { return share() < probability; }
  // The container is not empty.
  template <class Container>
  auto& pick(Container& choices) {
    return *(choices.begin() + static_cast<std::ptrdiff_t>(below(choices.size())));
  }
  // A stream of its own: what one part draws does not shift what another draws.
  [[nodiscard]] Random stream(std::string_view name) const {
    std::uint64_t hash = state_ ^ 0xcbf29ce484222325U;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return Random(hash);
  }

 private:
  std::uint64_t state_;
};

}  // namespace simulation
