// The templates of the simulated brokers (simulation/templates), inside the program.
#pragma once

#include <span>
#include <string_view>

namespace simulation {

struct TemplateText {
  std::string_view name;  // "queue-main.yaml"
  std::string_view text;
};
[[nodiscard]] std::span<const TemplateText> simulated_templates();

}  // namespace simulation
