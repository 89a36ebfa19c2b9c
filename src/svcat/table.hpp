// Text in columns, for people and for awk: two kinds, both without trailing blanks.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace svcat {

// A heading in capitals and a row for each thing; columns are as wide as their widest cell, in characters of
// UTF-8.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : rows_{std::move(headings)} {}

  // As many cells as there are headings. Line breaks in a cell become blanks.
  void add(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.size() == 1; }
  [[nodiscard]] std::string to_text(std::string_view indent = "") const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// "Name:   value" lines with the values below each other.
class FieldList {
 public:
  void add(std::string name, std::string_view value);
  // Only where there is a value.
  void add_if_any(std::string name, std::string_view value);
  [[nodiscard]] std::string to_text(std::string_view indent = "  ") const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Every line of the text with the indent before it.
[[nodiscard]] std::string indented(std::string_view text, std::string_view indent = "  ");

}  // namespace svcat
