#include "osb/authenticator.hpp"

#include <cctype>

#include "core/text.hpp"

namespace osb {

async::Task<core::Result<Caller>> Authentication::authenticate(const net::Request& request) const {
  if (empty()) co_return Caller{};
  std::optional<core::Error> undecided;
  for (const auto& member : members_) {
    auto caller = co_await member->authenticate(request);
    if (!caller) {
      undecided = std::move(caller.error());
    } else if (*caller) {
      co_return std::move(**caller);
    }
  }
  if (undecided) {
    core::Error error = undecided->with_context("credentials cannot be checked at the moment");
    error.kind = core::ErrorKind::unavailable;
    error.http_status = 0;  // what another server answered to the broker is not the caller's
    co_return core::fail(std::move(error));
  }
  co_return core::fail(
      core::Error{.kind = core::ErrorKind::unauthenticated,
                  .message = "Wrong or missing credentials: this broker accepts " + description() + ".",
                  .code = "Unauthorized",
                  .http_status = 401});
}

std::vector<std::string> Authentication::challenges() const {
  std::vector<std::string> challenges;
  for (const auto& member : members_) {
    if (std::string challenge = member->challenge(); !challenge.empty())
      challenges.push_back(std::move(challenge));
  }
  return challenges;
}

std::string Authentication::description() const {
  std::string all;
  for (const auto& member : members_) all += (all.empty() ? "" : " or ") + member->description();
  return all;
}

std::string_view credentials_of(const net::Headers& headers, std::string_view scheme) {
  const std::string_view header = headers.get("Authorization");
  if (header.size() <= scheme.size() || header[scheme.size()] != ' ') return {};
  if (!core::equal_ignoring_case(header.substr(0, scheme.size()), scheme)) return {};
  return header.substr(scheme.size() + 1);
}

}  // namespace osb
