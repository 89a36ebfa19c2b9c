// Operators who change the templates of the brokers.
#include "simulation/performance/performance.hpp"

namespace simulation {

namespace {

void replace(std::string& text, std::string_view from, const std::string& to) {
  if (const auto at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
}

}  // namespace

// A new edition: other words, another output, sometimes a plan less.
void Performance::install_template(std::uint32_t how) {
  const auto chosen = std::next(installed_.begin(), static_cast<std::ptrdiff_t>(how % installed_.size()));
  std::string edition = chosen->second;
  const std::string number = std::to_string(++editions_);
  replace(edition, "LongDescription: A", "LongDescription: Edition " + number + ", a");
  if (how % 2 == 0) edition += "  Edition: { Value: \"" + number + "\" }\n";
  templates_.files[chosen->first] = edition;
  if (how % 7 == 0) {
    for (const char* plan : {"      large: {", "      kept: {", "      fast: {"}) {
      const auto begin = edition.find(plan);
      if (begin == std::string::npos) continue;
      templates_.files[chosen->first].erase(begin, edition.find('\n', begin) + 1 - begin);
    }
  }
  chosen->second = std::move(edition);
  ++templates_.version;
  note("installs edition " + number + " of " + chosen->first);
}

void Performance::break_template(std::uint32_t how) {
  const auto chosen = std::next(installed_.begin(), static_cast<std::ptrdiff_t>(how % installed_.size()));
  if (how % 2 == 0) {
    templates_.files.erase(chosen->first);
  } else {
    templates_.files[chosen->first] = "Resources: [";
  }
  ++templates_.version;
  note("breaks " + chosen->first);
}

void Performance::mend_templates() {
  if (templates_.files == installed_) return;
  templates_.files = installed_;
  ++templates_.version;
  note("mends the templates");
}

}  // namespace simulation
