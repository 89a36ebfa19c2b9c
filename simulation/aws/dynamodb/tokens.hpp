// The words of DynamoDB's expressions.
#pragma once

#include <string_view>
#include <vector>

namespace simulation {

class ExpressionTokens {
 public:
  explicit ExpressionTokens(std::string_view text);

  [[nodiscard]] std::string_view peek(std::size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : std::string_view();
  }
  std::string_view take() {
    const std::string_view token = peek();
    if (at_ < tokens_.size()) ++at_;
    return token;
  }
  // Keywords compare without case.
  [[nodiscard]] bool is(std::string_view word) const;
  bool accept(std::string_view word) {
    if (!is(word)) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] bool at_end() const { return at_ >= tokens_.size(); }

 private:
  std::vector<std::string_view> tokens_;
  std::size_t at_ = 0;
};

}  // namespace simulation
