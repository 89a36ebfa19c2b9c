// What the doctor has found, a line for each.
#pragma once

#include <string>

#include "core/error.hpp"

class Findings {
 public:
  void ok(const std::string& what, const std::string& found);
  void skipped(const std::string& what, const std::string& why);
  void failed(const std::string& what, const std::string& problem);
  // OK with the text, or FAIL with the error.
  void add(const std::string& what, const core::Result<std::string>& result);
  [[nodiscard]] int exit_code() const { return exit_code_; }

 private:
  int exit_code_ = 0;
};
