// What happened, line by line. Two runs of a seed give the same lines.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace simulation {

class Trace {
 public:
  // `print`: gets every line; empty: only the digest is kept.
  explicit Trace(std::function<void(const std::string& line)> print = {}) : print_(std::move(print)) {}

  void note(std::chrono::milliseconds time, std::string_view who, std::string_view what);
  [[nodiscard]] std::uint64_t digest() const { return digest_; }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }
  // Told each line: for what looks for something that must not be in any.
  std::function<void(std::string_view what)> also;

 private:
  std::function<void(const std::string& line)> print_;
  std::uint64_t digest_ = 0xcbf29ce484222325U;
  std::uint64_t lines_ = 0;
};

}  // namespace simulation
