#include "simulation/aws/wire.hpp"

#include "core/time.hpp"

namespace simulation {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string form_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
               hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Form Form::parse(std::string_view body) {
  Form form;
  while (!body.empty()) {
    const std::string_view field = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(field.size() + 1, body.size()));
    if (field.empty()) continue;
    const std::size_t equals = std::min(field.find('='), field.size());
    const std::string_view value = field.substr(std::min(equals + 1, field.size()));
    form.fields_[form_decoded(field.substr(0, equals))] = form_decoded(value);
  }
  return form;
}

const std::string& Form::get(std::string_view name) const {
  static const std::string none;
  const auto found = fields_.find(name);
  return found == fields_.end() ? none : found->second;
}

std::vector<std::string> Form::list(const std::string& name) const {
  std::vector<std::string> values;
  for (std::size_t i = 1;; ++i) {
    const auto found = fields_.find(name + ".member." + std::to_string(i));
    if (found == fields_.end()) return values;
    values.push_back(found->second);
  }
}

std::vector<std::string> Form::members(const std::string& name) const {
  std::vector<std::string> prefixes;
  for (std::size_t i = 1;; ++i) {
    std::string prefix = name + ".member." + std::to_string(i) + ".";
    const auto found = fields_.lower_bound(prefix);
    if (found == fields_.end() || !found->first.starts_with(prefix)) return prefixes;
    prefixes.push_back(std::move(prefix));
  }
}

void add_escaped(std::string& xml, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        xml += "&amp;";
        break;
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      case '"':
        xml += "&quot;";
        break;
      case '\r':
        xml += "&#xD;";
        break;
      default:
        xml += c;
    }
  }
}

void add_element(std::string& xml, std::string_view name, std::string_view text) {
  xml.append("<").append(name).append(">");
  add_escaped(xml, text);
  xml.append("</").append(name).append(">");
}

std::string xml_time(core::SystemTime time) {
  std::string text = core::to_rfc3339_micros(time);  // 2026-01-31T10:00:00.123000Z
  return text.substr(0, 23) + "Z";
}

}  // namespace simulation
