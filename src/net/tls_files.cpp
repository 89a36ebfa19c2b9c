#include "core/file.hpp"
#include "net/tls.hpp"

namespace net {

core::Result<ServerTls> read_server_tls(const std::string& certificate_file, const std::string& key_file) {
  if (certificate_file.empty() || key_file.empty()) {
    return core::fail(core::ErrorKind::invalid,
                      "--tls-cert-file and --tls-private-key-file must be given together");
  }
  auto certificate = core::read_file(certificate_file);
  if (!certificate) return core::fail(certificate.error().with_context("--tls-cert-file"));
  auto key = core::read_file(key_file);
  if (!key) return core::fail(key.error().with_context("--tls-private-key-file"));
  return ServerTls{.certificate_pem = std::move(*certificate), .key_pem = std::move(*key)};
}

}  // namespace net
