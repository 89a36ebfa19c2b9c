#include "svcat/table.hpp"

#include <algorithm>
#include <ranges>

namespace svcat {

namespace {

constexpr std::size_t gap = 3;

std::size_t width_of(std::string_view text) {
  const auto is_first_byte = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; };
  return static_cast<std::size_t>(std::ranges::count_if(text, is_first_byte));
}

// What others wrote (names of classes, messages of brokers) must not move the cursor of a terminal.
std::string on_one_line(std::string_view text) {
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    const bool is_c1 = byte == 0xC2 && next >= 0x80 && next <= 0x9F;  // U+0080 to U+009F: CSI is among them
    line += byte < 0x20 || byte == 0x7F || is_c1 ? ' ' : text[i];
    if (is_c1) ++i;
  }
  return line;
}

void append_padded(std::string& line, std::string_view cell, std::size_t width) {
  line += cell;
  line.append(width - width_of(cell), ' ');
}

void end_line(std::string& text, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  text += line + "\n";
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = on_one_line(cell);
  cells.resize(rows_.front().size());
  rows_.push_back(std::move(cells));
}

std::string Table::to_text(std::string_view indent) const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]) + gap);
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line(indent);
    for (std::size_t i = 0; i < row.size(); ++i) append_padded(line, row[i], widths[i]);
    end_line(text, std::move(line));
  }
  return text;
}

void FieldList::add(std::string name, std::string_view value) {
  fields_.emplace_back(std::move(name) + ":", on_one_line(value));
}

void FieldList::add_if_any(std::string name, std::string_view value) {
  if (!value.empty()) add(std::move(name), value);
}

std::string FieldList::to_text(std::string_view indent) const {
  std::size_t width = 0;
  for (const std::string& name : fields_ | std::views::keys) width = std::max(width, width_of(name) + gap);
  std::string text;
  for (const auto& [name, value] : fields_) {
    std::string line(indent);
    append_padded(line, name, width);
    end_line(text, line + value);
  }
  return text;
}

std::string indented(std::string_view text, std::string_view indent) {
  std::string result;
  for (const auto part : text | std::views::split('\n')) {
    const std::string_view line(part.begin(), part.end());
    if (!line.empty()) result.append(indent).append(line).append("\n");
  }
  return result;
}

}  // namespace svcat
