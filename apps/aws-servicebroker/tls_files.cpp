#include "tls_files.hpp"

#include "core/file.hpp"
#include "core/hash.hpp"

using core::ErrorKind;
using core::fail;

namespace {

core::Result<net::ServerTls> from_flags(const Options& options) {
  if (options.tls_cert.empty() || options.tls_key.empty()) {
    return fail(ErrorKind::invalid,
                "use --tls-cert-file and --tls-private-key-file, or --insecure for plain HTTP");
  }
  auto certificate = core::base64_decode(options.tls_cert);
  auto key = core::base64_decode(options.tls_key);
  if (!certificate || !key) return fail(ErrorKind::invalid, "--tlsCert and --tlsKey must be base64");
  return net::ServerTls{.certificate_pem = std::move(*certificate), .key_pem = std::move(*key)};
}

}  // namespace

core::Result<std::optional<net::ServerTls>> tls_of(const Options& options) {
  if (options.insecure) {
    if (!options.client_ca_file.empty())
      return fail(ErrorKind::invalid, "--client-ca-file needs TLS: remove --insecure");
    return std::nullopt;
  }
  const bool in_files = !options.tls_cert_file.empty() || !options.tls_key_file.empty();
  auto tls =
      in_files ? net::read_server_tls(options.tls_cert_file, options.tls_key_file) : from_flags(options);
  if (!tls) return fail(std::move(tls.error()));
  if (!options.client_ca_file.empty()) {
    auto authorities = core::read_file(options.client_ca_file);
    if (!authorities) return fail(authorities.error().with_context("--client-ca-file"));
    tls->client_ca_pem = std::move(*authorities);
  }
  if (const auto inspected = net::inspect(*tls); !inspected) {
    const std::string where = in_files ? options.tls_cert_file + " and " + options.tls_key_file
                                       : std::string("--tlsCert and --tlsKey");
    return fail(inspected.error().with_context(where));
  }
  return std::move(*tls);
}
