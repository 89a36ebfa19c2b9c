#pragma once

#include <cstdint>
#include <string>

#include "async/task.hpp"

struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
};

// Serves GET / until SIGTERM or SIGINT, then lets requests under way finish. Its value is the exit code.
[[nodiscard]] async::Task<int> serve(Options options);
