// Where a list that comes in pages goes on.
#pragma once

#include <string>

#include "core/error.hpp"

namespace aws {

class PageCursor {
 public:
  // What the next request has to name; "" for the first page.
  [[nodiscard]] const std::string& token() const { return token_; }

  // Whether there is another page: `next` is what the answer names, "" at the list's end. Error: protocol,
  // where it is the page that was just read, for such a list never ends.
  [[nodiscard]] core::Result<bool> advance(std::string next) {
    if (next.empty()) return false;
    if (next == token_)
      return core::fail(core::ErrorKind::protocol,
                        "a list names the page that was just read as its next one");
    token_ = std::move(next);
    return true;
  }

 private:
  std::string token_;
};

}  // namespace aws
