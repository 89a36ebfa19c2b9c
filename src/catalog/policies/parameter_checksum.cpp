#include "catalog/policies/parameter_checksum.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "core/hash.hpp"

namespace catalog {

namespace {

void write_escaped(std::string& out, unsigned code) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[(code >> shift) & 0xFU];
}

void write_text(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    std::string_view rest = text.substr(i);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == '<' || c == '>' || c == '&') {
      write_escaped(out, static_cast<unsigned char>(c));
    } else if (rest.starts_with("\u2028") || rest.starts_with("\u2029")) {
      write_escaped(out, rest.starts_with("\u2028") ? 0x2028 : 0x2029);
      i += 2;
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string number_text(double number, std::chars_format format) {
  std::array<char, 400> buffer{};
  auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format);
  return {buffer.data(), written.ptr};
}

void write_number(std::string& out, double number) {
  constexpr double exact_integers_end = 9007199254740992;  // 2^53
  double size = std::abs(number);
  if (size != 0 && (size < 1e-6 || size >= 1e21)) {
    std::string text = number_text(number, std::chars_format::scientific);
    if (auto at = text.find("e-0"); at != std::string::npos) text.erase(at + 2, 1);  // 1e-07: Go says 1e-7
    out += text;
  } else if (size < exact_integers_end) {
    out += number_text(number, std::chars_format::fixed);
  } else {  // 1.2345e+19: the digits that tell it from its neighbours, then zeros
    std::string text = number_text(number, std::chars_format::scientific);
    std::size_t power = text.find('e');
    std::size_t zeros_end = static_cast<std::size_t>(std::stoi(text.substr(power + 1))) + 1;
    std::string digits = text.substr(0, power);
    std::erase(digits, '.');
    if (digits.starts_with('-')) ++zeros_end;
    digits.resize(zeros_end, '0');
    out += digits;
  }
}

void write(std::string& out, const json::value& value) {
  if (const json::object* object = value.if_object()) {
    std::map<std::string_view, const json::value*> sorted;
    for (const json::key_value_pair& member : *object) sorted[member.key()] = &member.value();
    std::string_view separator = "{";
    if (sorted.empty()) out += '{';
    for (const auto& [name, member] : sorted) {
      out += std::exchange(separator, ",");
      write_text(out, name);
      out += ':';
      write(out, *member);
    }
    out += '}';
  } else if (const json::array* array = value.if_array()) {
    out += '[';
    for (const json::value& element : *array) {
      if (&element != &array->front()) out += ',';
      write(out, element);
    }
    out += ']';
  } else if (const json::string* text = value.if_string()) {
    write_text(out, *text);
  } else if (value.is_number()) {
    write_number(out, value.to_number<double>());
  } else {
    out += core::to_text(value);
  }
}

}  // namespace

std::string parameter_checksum(const json::object& parameters) {
  std::string text;
  write(text, parameters);
  return core::sha256_hex(text);
}

}  // namespace catalog
