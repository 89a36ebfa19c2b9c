#include "osb/bearer_authenticator.hpp"

#include <algorithm>

#include "core/hash.hpp"

namespace osb {

async::Task<core::Result<std::optional<Caller>>> BearerAuthenticator::authenticate(
    const net::Request& request) {
  const std::string token(credentials_of(request.headers, "bearer"));
  if (token.empty()) co_return std::nullopt;
  const std::string digest = core::sha256_hex(token);
  if (const auto found = findings_.find(digest);
      found != findings_.end() && clock_.now() < found->second.until) {
    co_return found->second.caller;
  }
  auto caller = co_await reviewer_->review(token);
  if (caller) remember(digest, *caller);
  co_return caller;
}

// Where there are too many, what is over goes first, which refused tokens are before accepted ones.
void BearerAuthenticator::remember(const std::string& digest, const std::optional<Caller>& caller) {
  if (findings_.size() >= most_remembered && !findings_.contains(digest)) {
    findings_.erase(
        std::ranges::min_element(findings_, {}, [](const auto& entry) { return entry.second.until; }));
  }
  findings_[digest] = {.caller = caller, .until = clock_.now() + (caller ? accepted_for : refused_for)};
}

}  // namespace osb
