// Bearer tokens (RFC 6750), which somebody else knows how to check: a Kubernetes API server, for one. What
// was found is remembered for a short while, so that not every call of ours costs one of theirs.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "async/clock.hpp"
#include "osb/authenticator.hpp"

namespace osb {

class TokenReviewer {
 public:
  virtual ~TokenReviewer() = default;
  // Whose token it is, if it is one that counts here; errors as of Authenticator::authenticate.
  [[nodiscard]] virtual async::Task<core::Result<std::optional<Caller>>> review(std::string token) = 0;
};

class BearerAuthenticator final : public Authenticator {
 public:
  // A token that is withdrawn goes on being accepted for this long.
  static constexpr std::chrono::seconds accepted_for{60};
  static constexpr std::chrono::seconds refused_for{10};
  static constexpr std::size_t most_remembered = 1000;

  // The clock outlives the authenticator.
  BearerAuthenticator(std::unique_ptr<TokenReviewer> reviewer, async::Clock& clock)
      : reviewer_(std::move(reviewer)), clock_(clock) {}

  [[nodiscard]] async::Task<core::Result<std::optional<Caller>>> authenticate(
      const net::Request& request) override;
  [[nodiscard]] std::string challenge() const override { return R"(Bearer realm="aws-servicebroker")"; }
  [[nodiscard]] std::string description() const override { return "a bearer token"; }

 private:
  struct Finding {
    std::optional<Caller> caller;
    async::Clock::TimePoint until;
  };
  void remember(const std::string& digest, const std::optional<Caller>& caller);

  std::unique_ptr<TokenReviewer> reviewer_;
  async::Clock& clock_;
  std::map<std::string, Finding> findings_;  // by the token's SHA-256
};

}  // namespace osb
