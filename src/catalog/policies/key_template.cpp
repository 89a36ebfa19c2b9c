#include "catalog/policies/key_template.hpp"

#include "core/hash.hpp"
#include "core/text.hpp"

namespace catalog {

namespace {
constexpr std::size_t longest_text = 1024 * 1024;
}

core::Result<KeyTemplate> KeyTemplate::parse(std::string_view text) {
  KeyTemplate parsed;
  while (!text.empty()) {
    std::size_t open = text.find("{{");
    if (open != 0) parsed.parts_.push_back({.text = std::string(text.substr(0, open))});
    if (open == std::string_view::npos) break;
    std::size_t close = text.find("}}", open);
    if (close == std::string_view::npos)
      return core::fail(core::ErrorKind::invalid, "a \"{{\" has no \"}}\"");
    std::string_view inside = text.substr(open + 2, close - open - 2);
    std::size_t bar = inside.find('|');
    Part part{.text = std::string(core::trimmed(inside.substr(0, bar))), .is_key = true};
    if (part.text.empty()) return core::fail(core::ErrorKind::invalid, "\"{{}}\" does not name a key");
    if (bar != std::string_view::npos) {
      std::string_view function = core::trimmed(inside.substr(bar + 1));
      if (function != "urlencode") {
        return core::fail(core::ErrorKind::invalid, "there is no function \"" + std::string(function) +
                                                        "\"; the only one is urlencode");
      }
      part.encoded = true;
    }
    parsed.parts_.push_back(std::move(part));
    text.remove_prefix(close + 2);
  }
  return parsed;
}

core::Result<std::string> KeyTemplate::fill(const json::object& credentials) const {
  std::string filled;
  for (const Part& part : parts_) {
    if (!part.is_key) {
      filled += part.text;
      continue;
    }
    const json::value* value = credentials.if_contains(part.text);
    if (!value) return core::fail(core::ErrorKind::invalid, "there is no key \"" + part.text + "\"");
    std::string text = text_of_credential(*value);
    filled += part.encoded ? core::percent_encode(text) : text;
    if (filled.size() > longest_text)
      return core::fail(core::ErrorKind::too_large, "the text is longer than 1 MiB");
  }
  return filled;
}

std::string text_of_credential(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : core::to_text(value);
}

}  // namespace catalog
