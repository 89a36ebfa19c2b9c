#include "osb/certificate_authenticator.hpp"

namespace osb {

async::Task<core::Result<std::optional<Caller>>> CertificateAuthenticator::authenticate(
    const net::Request& request) {
  if (!request.peer.certificate) co_return std::nullopt;
  co_return caller_of(*request.peer.certificate);
}

std::optional<Caller> CertificateAuthenticator::caller_of(const net::ClientCertificate& certificate) const {
  if (names_.empty()) return Caller{.name = certificate.common_name};
  if (names_.contains(certificate.common_name)) return Caller{.name = certificate.common_name};
  for (const std::string& name : certificate.alternative_names) {
    if (names_.contains(name)) return Caller{.name = name};
  }
  return std::nullopt;
}

}  // namespace osb
