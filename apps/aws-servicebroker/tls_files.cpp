#include "tls_files.hpp"

#include "core/file.hpp"
#include "core/hash.hpp"

using core::ErrorKind;
using core::fail;

core::Result<std::optional<net::ServerTls>> tls_of(const Options& options) {
  if (options.insecure) return std::nullopt;
  net::ServerTls tls;
  if (!options.tls_cert_file.empty() || !options.tls_key_file.empty()) {
    auto certificate = core::read_file(options.tls_cert_file);
    if (!certificate) return fail(certificate.error().with_context("--tls-cert-file"));
    auto key = core::read_file(options.tls_key_file);
    if (!key) return fail(key.error().with_context("--tls-private-key-file"));
    tls.certificate_pem = std::move(*certificate);
    tls.key_pem = std::move(*key);
    return tls;
  }
  if (options.tls_cert.empty() || options.tls_key.empty()) {
    return fail(ErrorKind::invalid,
                "give --tls-cert-file and --tls-private-key-file, or --insecure for plain HTTP");
  }
  auto certificate = core::base64_decode(options.tls_cert);
  auto key = core::base64_decode(options.tls_key);
  if (!certificate || !key) return fail(ErrorKind::invalid, "--tlsCert and --tlsKey must be base64");
  tls.certificate_pem = std::move(*certificate);
  tls.key_pem = std::move(*key);
  return tls;
}
