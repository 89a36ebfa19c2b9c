// What GET / answers: one outcome for each step, in a fixed order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"

struct Outcome {
  bool success = false;
  std::vector<std::string> messages = {"skipped"};
  std::optional<core::json::value> response = std::nullopt;  // not every step has one
};

struct Report {
  Outcome cleanup, put, describe, list, idempotency, remove;

  [[nodiscard]] bool success() const;
  // {"success": …, "data": {"cleanup": {"success": …, "data": [text, …], "response": …}, "put": …, …}}
  [[nodiscard]] core::json::object to_json() const;
};
