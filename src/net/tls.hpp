// TLS settings as PEM texts; the contexts made of them stay inside net/.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"

namespace net {

// Of a client. TLS 1.2 or newer; the host name is verified.
struct ClientTls {
  std::string ca_pem;           // roots to trust; empty: the system's
  std::string certificate_pem;  // client certificate (chain) and its key; both or none
  std::string key_pem;
  bool insecure_skip_verify = false;
  std::string server_name;  // verified and sent instead of the URL's host; empty: the URL's host
};

// Of a server. TLS 1.2 or newer.
struct ServerTls {
  std::string certificate_pem;  // chain, leaf first
  std::string key_pem;
  std::string client_ca_pem;  // client certificates are asked for and verified against it; a wrong one fails
                              // the handshake
};

// Tries whether a server could be started with it. Error: invalid, as Server::listen's.
struct CertificateFacts {
  std::vector<std::string> names;  // common name, DNS names and URIs of the leaf
  core::SystemTime expires;
};
[[nodiscard]] core::Result<CertificateFacts> inspect(const ServerTls& tls);

// A server's from PEM files. Errors: as read_file's, naming the flag that every program has for it.
[[nodiscard]] core::Result<ServerTls> read_server_tls(const std::string& certificate_file,
                                                      const std::string& key_file);

// --- a small CA, for `local` and the webhook's self-managed certificates ---
struct KeyPair {
  std::string certificate_pem;
  std::string key_pem;  // EC P-256
};
struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> organizations;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  std::chrono::days valid_for{365};
  bool server = false;  // extended key usage serverAuth
  bool client = false;  // extended key usage clientAuth
};
[[nodiscard]] core::Result<KeyPair> make_ca(const std::string& common_name, std::chrono::days valid_for);
[[nodiscard]] core::Result<KeyPair> make_certificate(const KeyPair& ca, const CertificateRequest& request);

}  // namespace net
