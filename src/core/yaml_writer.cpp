// JSON as block-style YAML, for people.
#include "core/text.hpp"
#include "core/yaml.hpp"

namespace core {

namespace {

// Whether a plain scalar of this text would be read as something else, or break the document.
bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  constexpr std::string_view first_forbidden = "!&*-?:,[]{}#|>@`\"'%= ~<.+0123456789";
  if (first_forbidden.find(text.front()) != std::string_view::npos || text.back() == ' ' ||
      text.back() == ':')
    return true;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return true;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  for (const std::string_view word : {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}) {
    if (equal_ignoring_case(text, word)) return true;
  }
  return false;
}

std::string text_scalar(std::string_view text) {
  return needs_quotes(text) ? json::serialize(json::string(text))
                            : std::string(text);  // JSON strings are YAML
}

void write(std::string& out, const json::value& value, std::size_t indent, bool after_dash);

void write_object(std::string& out, const json::object& object, std::size_t indent, bool after_dash) {
  bool first = true;
  for (const auto& entry : object) {
    if (!(first && after_dash)) out.append(indent, ' ');
    first = false;
    out += text_scalar(entry.key()) + ":";
    const auto& value = entry.value();
    const bool nested = (value.is_object() && !value.get_object().empty()) ||
                        (value.is_array() && !value.get_array().empty());
    if (nested) {
      out += '\n';
      write(out, value, value.is_object() ? indent + 2 : indent, false);
    } else {
      out += ' ';
      write(out, value, indent, false);
    }
  }
}

void write(std::string& out, const json::value& value, std::size_t indent, bool after_dash) {
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    write_object(out, *object, indent, after_dash);
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    bool first = true;
    for (const json::value& element : *array) {
      if (!(first && after_dash)) out.append(indent, ' ');
      first = false;
      out += "- ";
      write(out, element, indent + 2, true);
    }
  } else if (const auto* text = value.if_string()) {
    out += text_scalar(*text) + "\n";
  } else {
    out += json::serialize(value) + "\n";
  }
}

}  // namespace

std::string to_yaml(const json::value& value) {
  std::string out;
  write(out, value, 0, false);
  return out;
}

}  // namespace core
