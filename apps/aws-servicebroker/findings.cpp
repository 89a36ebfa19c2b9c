#include "findings.hpp"

#include <cstdio>

namespace {

void print(const char* verdict, const std::string& what, const std::string& text) {
  std::printf("%-5s %s: %s\n", verdict, what.c_str(), text.c_str());
}

}  // namespace

void Findings::ok(const std::string& what, const std::string& found) {
  print("OK", what, found);
}

void Findings::skipped(const std::string& what, const std::string& why) {
  print("SKIP", what, why);
}

void Findings::failed(const std::string& what, const std::string& problem) {
  print("FAIL", what, problem);
  exit_code_ = 1;
}

void Findings::add(const std::string& what, const core::Result<std::string>& result) {
  result ? ok(what, *result) : failed(what, result.error().message);
}
