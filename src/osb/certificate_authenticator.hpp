// Client certificates: the TLS server has verified them against --client-ca-file; here it is decided whose
// count.
#pragma once

#include <set>
#include <string>

#include "osb/authenticator.hpp"

namespace osb {

class CertificateAuthenticator final : public Authenticator {
 public:
  // A certificate counts whose common name, or one of whose DNS names or URIs (SPIFFE), is in `names`; where
  // that is empty, every one of that CA.
  explicit CertificateAuthenticator(std::set<std::string, std::less<>> names) : names_(std::move(names)) {}

  [[nodiscard]] async::Task<core::Result<std::optional<Caller>>> authenticate(
      const net::Request& request) override;
  [[nodiscard]] std::string challenge() const override { return {}; }
  [[nodiscard]] std::string description() const override { return "a client certificate"; }

 private:
  [[nodiscard]] std::optional<Caller> caller_of(const net::ClientCertificate& certificate) const;
  std::set<std::string, std::less<>> names_;
};

}  // namespace osb
