// The objects that svcat's tests show.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "core/json.hpp"

namespace svcat {

inline core::json::object parsed(std::string_view text) {
  auto value = core::parse_json(text);
  if (!value) throw std::runtime_error(value.error().message);
  return std::move(value->get_object());
}

// `spec` and `status` are JSON; without a namespace it is cluster-wide.
inline core::json::object an_object(std::string_view name, std::string_view namespace_, std::string_view spec,
                                    std::string_view status = "{}") {
  core::json::object metadata{{"name", name}};
  if (!namespace_.empty()) metadata["namespace"] = namespace_;
  return {{"metadata", std::move(metadata)}, {"spec", parsed(spec)}, {"status", parsed(status)}};
}

inline std::vector<std::string> names_of(const std::vector<core::json::object>& objects) {
  std::vector<std::string> names;
  for (const auto& each : objects) names.emplace_back(core::find_string(each, {"metadata", "name"}));
  return names;
}

inline constexpr const char* ready = R"({"conditions":[{"type":"Ready","status":"True",
    "reason":"ProvisionedSuccessfully","message":"It is there","lastTransitionTime":"2026-01-31T10:00:00Z"}]})";
inline constexpr const char* failing = R"({"conditions":[{"type":"Ready","status":"False",
    "reason":"Provisioning","message":"","lastTransitionTime":"2026-01-31T10:00:00Z"}]})";

}  // namespace svcat
