#include "core/pattern.hpp"

#include <re2/re2.h>

namespace core {

namespace {

constexpr std::size_t max_length = 1024;
constexpr std::int64_t max_memory = 1 << 20;

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

Result<Pattern> Pattern::compile(std::string_view text) {
  if (text.size() > max_length) return fail(ErrorKind::invalid, "a pattern is longer than 1024 characters");
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(max_memory);
  auto expression = std::make_shared<const re2::RE2>(piece(text), options);
  if (!expression->ok()) {
    return fail(ErrorKind::invalid, "the pattern \"" + std::string(text) +
                                        "\" is not a regular expression: " + expression->error());
  }
  return Pattern(std::move(expression));
}

std::size_t Pattern::size() const {
  return static_cast<std::size_t>(expression_->ProgramSize());
}

bool Pattern::is_found_in(std::string_view text) const {
  return re2::RE2::PartialMatch(piece(text), *expression_);
}

}  // namespace core
