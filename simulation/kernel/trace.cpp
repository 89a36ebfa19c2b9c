#include "simulation/kernel/trace.hpp"

#include <fmt/format.h>

namespace simulation {

void Trace::note(std::chrono::milliseconds time, std::string_view who, std::string_view what) {
  ++lines_;
  if (also) also(what);
  const std::int64_t seconds = time.count() / 1000;
  const std::string line = fmt::format("{:02}:{:02}:{:02}.{:03} {:<12} {}", seconds / 3600, seconds / 60 % 60,
                                       seconds % 60, time.count() % 1000, who, what);
  for (const char c : line) digest_ = (digest_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  if (print_) print_(line);
}

}  // namespace simulation
